# Queues and topics: what happened to which study, never the study itself.

resource "aws_sqs_queue" "studies" {
  name                              = "${var.name}-studies"
  kms_master_key_id                 = var.messages_key
  kms_data_key_reuse_period_seconds = 300
  visibility_timeout_seconds        = 360
  message_retention_seconds         = 345600

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 3
  })

  tags = {
    data-classification = "phi"
  }
}

resource "aws_sqs_queue" "failed" {
  name                      = "${var.name}-studies-failed"
  kms_master_key_id         = var.messages_key
  message_retention_seconds = 1209600

  tags = {
    data-classification = "phi"
  }
}

data "aws_iam_policy_document" "queue" {
  for_each = {
    studies = aws_sqs_queue.studies.arn
    failed  = aws_sqs_queue.failed.arn
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "Events"
    actions   = ["sqs:SendMessage"]
    resources = [each.value]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.study_arrived.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "studies" {
  queue_url = aws_sqs_queue.studies.id
  policy    = data.aws_iam_policy_document.queue["studies"].json
}

resource "aws_sqs_queue_policy" "failed" {
  queue_url = aws_sqs_queue.failed.id
  policy    = data.aws_iam_policy_document.queue["failed"].json
}

resource "aws_sns_topic" "events" {
  name              = "${var.name}-study-events"
  kms_master_key_id = var.messages_key

  tags = {
    data-classification = "phi"
  }
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.messages_key

  tags = {
    data-classification = "internal"
  }
}

data "aws_iam_policy_document" "events_topic" {
  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.events.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:role/${var.name}-report-api", "arn:aws:iam::${var.account_id}:role/${var.name}-study-pipeline"]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.events.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "events" {
  arn    = aws_sns_topic.events.arn
  policy = data.aws_iam_policy_document.events_topic.json
}

data "aws_iam_policy_document" "alarms_topic" {
  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com", "backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms_topic.json
}

resource "aws_sns_topic_subscription" "contact" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.contact
}

resource "aws_sns_topic_subscription" "hospital" {
  topic_arn = aws_sns_topic.events.arn
  protocol  = "https"
  endpoint  = "https://ris.${var.domain}/events"
}

# A study that is complete in the intake bucket goes into the queue.
resource "aws_cloudwatch_event_rule" "study_arrived" {
  name        = "${var.name}-study-arrived"
  description = "A study is complete"

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.buckets["intake"]] }
      object = { key = [{ suffix = "/complete" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "study_arrived" {
  rule = aws_cloudwatch_event_rule.study_arrived.name
  arn  = aws_sqs_queue.studies.arn

  dead_letter_config {
    arn = aws_sqs_queue.failed.arn
  }
}

resource "aws_cloudwatch_event_rule" "pipeline_failed" {
  name        = "${var.name}-pipeline-failed"
  description = "A run of the study pipeline failed"

  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail = {
      status          = ["FAILED", "TIMED_OUT", "ABORTED"]
      stateMachineArn = [aws_sfn_state_machine.study_pipeline.arn]
    }
  })
}

resource "aws_cloudwatch_event_target" "pipeline_failed" {
  rule = aws_cloudwatch_event_rule.pipeline_failed.name
  arn  = aws_sns_topic.alarms.arn
}
