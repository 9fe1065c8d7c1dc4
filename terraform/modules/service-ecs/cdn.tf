# HTTPS on a name that works without owning a domain. Nothing is cached: CloudFront is here for its name and certificate.
resource "aws_cloudfront_vpc_origin" "this" {
  count = local.internal ? 1 : 0

  vpc_origin_endpoint_config {
    name                   = var.name
    arn                    = aws_lb.this.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "http-only" # an internal load balancer has no name that a certificate could be for

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_68:A firewall for web applications costs 5 USD a month and more; every path needs a login, and guessing is throttled.
  #checkov:skip=CKV2_AWS_47:See CKV_AWS_68.
  #checkov:skip=CKV_AWS_86:The server logs every request to CloudWatch, users included, which CloudFront does not know.
  #checkov:skip=CKV_AWS_174:With CloudFront's own certificate the least TLS version cannot be set; with certificate_arn it is 1.2.
  #checkov:skip=CKV2_AWS_42:See CKV_AWS_174.
  #checkov:skip=CKV_AWS_305:The server answers / itself.
  #checkov:skip=CKV_AWS_310:There is one origin.
  #checkov:skip=CKV_AWS_374:Where users are is not for this configuration to say.
  #checkov:skip=CKV2_AWS_32:The server sets its security headers itself, Strict-Transport-Security included (MLFLOW_FORCE_HTTPS).
  count = local.internal ? 1 : 0

  enabled         = true
  comment         = var.name
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_All" # from the edge nearest to the user, wherever the region is

  origin {
    origin_id   = "load-balancer"
    domain_name = aws_lb.this.dns_name

    vpc_origin_config {
      vpc_origin_id            = aws_cloudfront_vpc_origin.this[0].id
      origin_read_timeout      = 60 # the most that is allowed without asking: covers a database that wakes
      origin_keepalive_timeout = 60
    }
  }

  default_cache_behavior {
    target_origin_id       = "load-balancer"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods         = ["GET", "HEAD"]
    compress               = false # the server does

    # AWS's own policies, whose ids are the same in every account: CachingDisabled, and AllViewerAndCloudFrontHeaders-2022-06, which
    # forwards everything that the client sent, Host and Authorization included, and adds CloudFront-Forwarded-Proto.
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
