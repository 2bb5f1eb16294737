# Events of the trail that somebody must see.

locals {
  events = {
    refused-calls    = "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }"
    root             = "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }"
    login-no-mfa     = "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") }"
    key-deletion     = "{ ($.eventSource = \"kms.amazonaws.com\") && (($.eventName = \"DisableKey\") || ($.eventName = \"ScheduleKeyDeletion\")) }"
    trail-changes    = "{ ($.eventName = \"StopLogging\") || ($.eventName = \"DeleteTrail\") || ($.eventName = \"UpdateTrail\") }"
    bucket-policies  = "{ ($.eventName = \"PutBucketPolicy\") || ($.eventName = \"DeleteBucketPolicy\") || ($.eventName = \"PutBucketAcl\") }"
    security-groups  = "{ ($.eventName = \"AuthorizeSecurityGroupIngress\") || ($.eventName = \"RevokeSecurityGroupIngress\") }"
    role-changes     = "{ ($.eventName = \"AttachRolePolicy\") || ($.eventName = \"PutRolePolicy\") || ($.eventName = \"UpdateAssumeRolePolicy\") }"
    gateway-changes  = "{ ($.eventName = \"CreateInternetGateway\") || ($.eventName = \"AttachInternetGateway\") || ($.eventName = \"CreateRoute\") }"
    recorder-changes = "{ ($.eventName = \"StopConfigurationRecorder\") || ($.eventName = \"DeleteDeliveryChannel\") }"
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.events

  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = each.value

  metric_transformation {
    name      = "${var.name}-${each.key}"
    namespace = "Radiology/Security"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.events

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "Events of the trail: ${each.key}"
  namespace           = "Radiology/Security"
  metric_name         = "${var.name}-${each.key}"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms_topic]
}

resource "aws_cloudwatch_metric_alarm" "second_reader" {
  alarm_name          = "${var.name}-second-reader-errors"
  alarm_description   = "The second reader answers with errors"
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms_topic]

  dimensions = {
    EndpointName = "${var.name}-second-reader"
    VariantName  = "main"
  }
}
