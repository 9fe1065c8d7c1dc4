# The service's own group is made here, since the database and the load balancer both refer to it. What may come in is added by the
# load balancer's side; to the database, by the database's.
resource "aws_security_group" "service" {
  #checkov:skip=CKV2_AWS_5:It is attached to the service, by another module.
  name_prefix = "${var.name}-service-"
  description = "mlflow-server"
  vpc_id      = local.create ? aws_vpc.this[0].id : data.aws_vpc.given[0].id

  lifecycle {
    create_before_destroy = true
  }
}

# Names, the image, logs, secrets and S3: all of them HTTPS.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.service.id
  description       = "HTTPS to AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
