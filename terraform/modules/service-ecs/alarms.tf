locals {
  load_balancer = { LoadBalancer = aws_lb.this.arn_suffix }
  target_group  = merge(local.load_balancer, { TargetGroup = aws_lb_target_group.this.arn_suffix })
  service       = { ClusterName = aws_ecs_cluster.this.name, ServiceName = aws_ecs_service.this.name }
  cluster       = { DBClusterIdentifier = var.database_cluster_id }

  # Only metrics that cost nothing. A missing value is alarming where it means that nobody is there.
  alarms = {
    no-healthy-task = {
      description = "No task is healthy: the service is down"
      namespace   = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Maximum", dimensions = local.target_group
      comparison  = "LessThanThreshold", threshold = 1, minutes = 5, missing = "breaching"
    }
    errors = {
      description = "The server answers with errors of its own (5xx)"
      namespace   = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", dimensions = local.target_group
      comparison  = "GreaterThanThreshold", threshold = 10, minutes = 5, missing = "notBreaching"
    }
    memory = {
      description = "The tasks use more than 90 % of their memory: raise service_memory"
      namespace   = "AWS/ECS", metric = "MemoryUtilization", statistic = "Maximum", dimensions = local.service
      comparison  = "GreaterThanThreshold", threshold = 90, minutes = 10, missing = "notBreaching"
    }
    database = {
      description = "The database is at its greatest capacity: raise db_max_capacity"
      namespace   = "AWS/RDS", metric = "ACUUtilization", statistic = "Average", dimensions = local.cluster
      comparison  = "GreaterThanThreshold", threshold = 95, minutes = 15, missing = "notBreaching"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  period              = 60
  evaluation_periods  = each.value.minutes

  alarm_actions = aws_sns_topic.alarms[*].arn
  ok_actions    = aws_sns_topic.alarms[*].arn
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch cannot write to a topic under SNS's own key, and a key of one's own costs a dollar a month; alarms are no secrets.
  count = var.alarm_email == null ? 0 : 1
  name  = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}
