locals {
  internal = var.certificate_arn == null

  # Who reaches the load balancer, and by which port.
  ports = local.internal ? { http = 80 } : { http = 80, https = 443 }
  doors = local.internal ? {} : { for pair in setproduct(keys(local.ports), var.allowed_cidrs) : "${pair[0]} ${pair[1]}" => pair }
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:The server logs every request to CloudWatch, users included, which the load balancer does not know.
  #checkov:skip=CKV_AWS_150:It holds no data; what must not be lost, the database and the bucket, is protected.
  #checkov:skip=CKV2_AWS_28:A firewall for web applications costs 5 USD a month and more; every path needs a login, and guessing is throttled.
  #checkov:skip=CKV2_AWS_20:With a certificate, HTTP is redirected; without, only CloudFront reaches the load balancer, inside AWS's network.
  #checkov:skip=CKV2_AWS_103:See CKV2_AWS_20.
  name                       = var.name
  internal                   = local.internal
  load_balancer_type         = "application"
  subnets                    = local.internal ? var.internal_subnet_ids : var.public_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true

  # Below the server's own 95 s, so that it never closes a connection that the load balancer is about to use; above CloudFront's 60 s.
  idle_timeout = 75
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:Between load balancer and task the traffic stays in the VPC, and their security groups admit nobody else.
  name                 = var.name
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.port
  deregistration_delay = 60

  # The server's /health needs no login and asks no database, which could not pause otherwise.
  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }
}

resource "aws_lb_listener" "http" {
  #checkov:skip=CKV_AWS_2:With a certificate it only redirects to HTTPS; without, CloudFront speaks HTTPS to everybody and calls from inside.
  #checkov:skip=CKV_AWS_103:It has no TLS.
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type             = local.internal ? "forward" : "redirect"
    target_group_arn = local.internal ? aws_lb_target_group.this.arn : null

    dynamic "redirect" {
      for_each = local.internal ? [] : [1]
      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = local.internal ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = var.certificate_arn
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_security_group" "load_balancer" {
  name_prefix = "${var.name}-balancer-"
  description = local.internal ? "Load balancer: only CloudFront may call" : "Load balancer: allowed_cidrs may call"
  vpc_id      = var.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

# What a VPC origin calls from (CloudFront Developer Guide, "Restrict access with VPC origins": the group of an origin must admit the
# managed prefix list; it may be narrowed to the group that CloudFront makes for its own interfaces, which exists only when the first
# origin of the VPC does). An internal load balancer has no address on the internet, so that other people's distributions, which have
# the same addresses, have no way here.
data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = local.internal ? 1 : 0
  name  = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  #checkov:skip=CKV_AWS_260:It admits no address range at all, only CloudFront's prefix list.
  count = local.internal ? 1 : 0

  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTP from CloudFront, which spoke HTTPS outside"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront[0].id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  #checkov:skip=CKV_AWS_260:Port 80 only redirects to HTTPS; who may come is allowed_cidrs.
  for_each = local.doors

  security_group_id = aws_security_group.load_balancer.id
  description       = "${upper(each.value[0])} from clients"
  cidr_ipv4         = each.value[1]
  ip_protocol       = "tcp"
  from_port         = local.ports[each.value[0]]
  to_port           = local.ports[each.value[0]]
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "To the tasks"
  referenced_security_group_id = var.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  security_group_id            = var.security_group_id
  description                  = "From the load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
