/* SAM's policy templates: what each grants. Facts of the AWS SAM documentation ("SAM policy template list"). */
#include "frontend/cloudformation/sam_build.h"

static const struct sam_policy policies[] = {
    {"SQSPollerPolicy",
     {{"sqs:ChangeMessageVisibility sqs:ChangeMessageVisibilityBatch sqs:DeleteMessage "
       "sqs:DeleteMessageBatch sqs:GetQueueAttributes sqs:ReceiveMessage",
       "arn:{P}:sqs:{R}:{A}:{QueueName}"}}},
    {"SQSSendMessagePolicy", {{"sqs:SendMessage*", "arn:{P}:sqs:{R}:{A}:{QueueName}"}}},
    {"LambdaInvokePolicy", {{"lambda:InvokeFunction", "arn:{P}:lambda:{R}:{A}:function:{FunctionName}*"}}},
    {"CloudWatchDescribeAlarmHistoryPolicy", {{"cloudwatch:DescribeAlarmHistory", "*"}}},
    {"CloudWatchDashboardPolicy",
     {{"cloudwatch:GetDashboard cloudwatch:ListDashboards cloudwatch:PutDashboard "
       "cloudwatch:ListMetrics",
       "*"}}},
    {"CloudWatchPutMetricPolicy", {{"cloudwatch:PutMetricData", "*"}}},
    {"EC2DescribePolicy", {{"ec2:DescribeRegions ec2:DescribeInstances", "*"}}},
    {"DynamoDBCrudPolicy",
     {{"dynamodb:GetItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:Scan dynamodb:Query "
       "dynamodb:UpdateItem dynamodb:BatchWriteItem dynamodb:BatchGetItem "
       "dynamodb:DescribeTable dynamodb:ConditionCheckItem",
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName} "
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/index/*"}}},
    {"DynamoDBReadPolicy",
     {{"dynamodb:GetItem dynamodb:Scan dynamodb:Query dynamodb:BatchGetItem "
       "dynamodb:DescribeTable",
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName} "
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/index/*"}}},
    {"DynamoDBWritePolicy",
     {{"dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem",
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName} "
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/index/*"}}},
    {"DynamoDBReconfigurePolicy", {{"dynamodb:UpdateTable", "arn:{P}:dynamodb:{R}:{A}:table/{TableName}"}}},
    {"DynamoDBStreamReadPolicy",
     {{"dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/stream/{StreamName}"},
      {"dynamodb:ListStreams", "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/stream/*"}}},
    {"DynamoDBBackupFullAccessPolicy",
     {{"dynamodb:CreateBackup dynamodb:DescribeContinuousBackups", "arn:{P}:dynamodb:{R}:{A}:table/{TableName}"},
      {"dynamodb:DeleteBackup dynamodb:DescribeBackup dynamodb:ListBackups",
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/backup/*"}}},
    {"DynamoDBRestoreFromBackupPolicy",
     {{"dynamodb:RestoreTableFromBackup", "arn:{P}:dynamodb:{R}:{A}:table/{TableName}/backup/*"},
      {"dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:GetItem "
       "dynamodb:Query dynamodb:Scan dynamodb:BatchWriteItem",
       "arn:{P}:dynamodb:{R}:{A}:table/{TableName}"}}},
    {"SESSendBouncePolicy", {{"ses:SendBounce", "arn:{P}:ses:{R}:{A}:identity/{IdentityName}"}}},
    {"SESCrudPolicy",
     {{"ses:GetIdentityVerificationAttributes ses:SendEmail ses:SendRawEmail "
       "ses:VerifyEmailIdentity",
       "arn:{P}:ses:{R}:{A}:identity/{IdentityName}"}}},
    {"SESBulkTemplatedCrudPolicy",
     {{"ses:GetIdentityVerificationAttributes ses:SendEmail ses:SendRawEmail "
       "ses:SendTemplatedEmail ses:SendBulkTemplatedEmail ses:VerifyEmailIdentity",
       "arn:{P}:ses:{R}:{A}:identity/{IdentityName}"}}},
    {"SESEmailTemplateCrudPolicy",
     {{"ses:CreateTemplate ses:GetTemplate ses:ListTemplates ses:UpdateTemplate "
       "ses:DeleteTemplate ses:TestRenderTemplate",
       "*"}}},
    {"SNSCrudPolicy",
     {{"sns:ListSubscriptionsByTopic sns:CreateTopic sns:SetTopicAttributes sns:Subscribe "
       "sns:Publish",
       "arn:{P}:sns:{R}:{A}:{TopicName}*"}}},
    {"SNSPublishMessagePolicy", {{"sns:Publish", "arn:{P}:sns:{R}:{A}:{TopicName}"}}},
    {"KinesisStreamReadPolicy",
     {{"kinesis:ListStreams kinesis:DescribeLimits", "arn:{P}:kinesis:{R}:{A}:stream/*"},
      {"kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords "
       "kinesis:GetShardIterator",
       "arn:{P}:kinesis:{R}:{A}:stream/{StreamName}"}}},
    {"KinesisCrudPolicy",
     {{"kinesis:AddTagsToStream kinesis:CreateStream kinesis:DecreaseStreamRetentionPeriod "
       "kinesis:DeleteStream kinesis:DescribeStream kinesis:DescribeStreamSummary "
       "kinesis:GetShardIterator kinesis:IncreaseStreamRetentionPeriod "
       "kinesis:ListTagsForStream kinesis:MergeShards kinesis:PutRecord kinesis:PutRecords "
       "kinesis:SplitShard kinesis:RemoveTagsFromStream",
       "arn:{P}:kinesis:{R}:{A}:stream/{StreamName}"}}},
    {"KMSDecryptPolicy", {{"kms:Decrypt", "arn:{P}:kms:{R}:{A}:key/{KeyId}"}}},
    {"KMSEncryptPolicy", {{"kms:Encrypt", "arn:{P}:kms:{R}:{A}:key/{KeyId}"}}},
    {"S3ReadPolicy",
     {{"s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion "
       "s3:GetLifecycleConfiguration",
       "arn:{P}:s3:::{BucketName} arn:{P}:s3:::{BucketName}/*"}}},
    {"S3WritePolicy",
     {{"s3:PutObject s3:PutObjectAcl s3:PutLifecycleConfiguration",
       "arn:{P}:s3:::{BucketName} arn:{P}:s3:::{BucketName}/*"}}},
    {"S3CrudPolicy",
     {{"s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:PutObject "
       "s3:PutObjectAcl s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration "
       "s3:DeleteObject",
       "arn:{P}:s3:::{BucketName} arn:{P}:s3:::{BucketName}/*"}}},
    {"S3FullAccessPolicy",
     {{"s3:GetObject s3:GetObjectAcl s3:GetObjectVersion s3:PutObject s3:PutObjectAcl "
       "s3:DeleteObject s3:DeleteObjectTagging s3:DeleteObjectVersionTagging "
       "s3:GetObjectTagging s3:GetObjectVersionTagging s3:PutObjectTagging "
       "s3:PutObjectVersionTagging",
       "arn:{P}:s3:::{BucketName}/*"},
      {"s3:ListBucket s3:GetBucketLocation s3:GetLifecycleConfiguration "
       "s3:PutLifecycleConfiguration",
       "arn:{P}:s3:::{BucketName}"}}},
    {"AMIDescribePolicy", {{"ec2:DescribeImages", "*"}}},
    {"CloudFormationDescribeStacksPolicy",
     {{"cloudformation:DescribeStacks", "arn:{P}:cloudformation:{R}:{A}:stack/*"}}},
    {"RekognitionDetectOnlyPolicy",
     {{"rekognition:DetectFaces rekognition:DetectLabels rekognition:DetectModerationLabels "
       "rekognition:DetectText",
       "*"}}},
    {"RekognitionFacesPolicy", {{"rekognition:CompareFaces rekognition:DetectFaces", "*"}}},
    {"RekognitionLabelsPolicy", {{"rekognition:DetectLabels rekognition:DetectModerationLabels", "*"}}},
    {"RekognitionNoDataAccessPolicy",
     {{"rekognition:CompareFaces rekognition:DetectFaces rekognition:DetectLabels "
       "rekognition:DetectModerationLabels",
       "arn:{P}:rekognition:{R}:{A}:collection/{CollectionId}"}}},
    {"RekognitionReadPolicy",
     {{"rekognition:ListCollections rekognition:ListFaces rekognition:SearchFaces "
       "rekognition:SearchFacesByImage",
       "arn:{P}:rekognition:{R}:{A}:collection/{CollectionId}"}}},
    {"RekognitionWriteOnlyAccessPolicy",
     {{"rekognition:CreateCollection rekognition:IndexFaces",
       "arn:{P}:rekognition:{R}:{A}:collection/{CollectionId}"}}},
    {"FirehoseCrudPolicy",
     {{"firehose:CreateDeliveryStream firehose:DeleteDeliveryStream "
       "firehose:DescribeDeliveryStream firehose:PutRecord firehose:PutRecordBatch "
       "firehose:UpdateDestination",
       "arn:{P}:firehose:{R}:{A}:deliverystream/{DeliveryStreamName}"}}},
    {"FirehoseWritePolicy",
     {{"firehose:PutRecord firehose:PutRecordBatch", "arn:{P}:firehose:{R}:{A}:deliverystream/{DeliveryStreamName}"}}},
    {"SSMParameterReadPolicy",
     {{"ssm:DescribeParameters", "*"},
      {"ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath", "arn:{P}:ssm:{R}:{A}:parameter/{ParameterName}"}}},
    {"SSMParameterWithSlashPrefixReadPolicy",
     {{"ssm:DescribeParameters", "*"},
      {"ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath", "arn:{P}:ssm:{R}:{A}:parameter{ParameterName}"}}},
    {"StepFunctionsExecutionPolicy",
     {{"states:StartExecution", "arn:{P}:states:{R}:{A}:stateMachine:{StateMachineName}"}}},
    {"CodePipelineLambdaExecutionPolicy", {{"codepipeline:PutJobSuccessResult codepipeline:PutJobFailureResult", "*"}}},
    {"CodePipelineReadOnlyPolicy",
     {{"codepipeline:ListPipelineExecutions", "arn:{P}:codepipeline:{R}:{A}:{PipelineName}"}}},
    {"CodeCommitReadPolicy",
     {{"codecommit:GitPull codecommit:GetBranch codecommit:ListBranches "
       "codecommit:GetRepository codecommit:GetCommit codecommit:GetDifferences",
       "arn:{P}:codecommit:{R}:{A}:{RepositoryName}"}}},
    {"CodeCommitCrudPolicy",
     {{"codecommit:GitPull codecommit:GitPush codecommit:CreateBranch "
       "codecommit:DeleteBranch codecommit:GetBranch codecommit:ListBranches "
       "codecommit:MergePullRequestByFastForward codecommit:CreatePullRequest "
       "codecommit:PutFile codecommit:GetRepository codecommit:GetCommit "
       "codecommit:GetDifferences",
       "arn:{P}:codecommit:{R}:{A}:{RepositoryName}"}}},
    {"AthenaQueryPolicy",
     {{"athena:ListWorkGroups athena:GetExecutionEngine athena:GetExecutionEngines "
       "athena:GetNamespace athena:GetCatalogs athena:GetNamespaces athena:GetTables "
       "athena:GetTable",
       "*"},
      {"athena:StartQueryExecution athena:GetQueryResults athena:DeleteNamedQuery "
       "athena:GetNamedQuery athena:ListQueryExecutions athena:StopQueryExecution "
       "athena:GetQueryResultsStream athena:ListNamedQueries athena:CreateNamedQuery "
       "athena:GetQueryExecution athena:BatchGetNamedQuery athena:BatchGetQueryExecution "
       "athena:GetWorkGroup",
       "arn:{P}:athena:{R}:{A}:workgroup/{WorkGroupName}"}}},
    {"TextractPolicy", {{"textract:*", "*"}}},
    {"TextractDetectAnalyzePolicy",
     {{"textract:DetectDocumentText textract:StartDocumentTextDetection "
       "textract:StartDocumentAnalysis textract:AnalyzeDocument",
       "*"}}},
    {"TextractGetResultPolicy", {{"textract:GetDocumentTextDetection textract:GetDocumentAnalysis", "*"}}},
    {"ComprehendBasicAccessPolicy",
     {{"comprehend:BatchDetectKeyPhrases comprehend:DetectDominantLanguage "
       "comprehend:DetectEntities comprehend:BatchDetectEntities "
       "comprehend:DetectKeyPhrases comprehend:DetectSentiment "
       "comprehend:BatchDetectDominantLanguage comprehend:BatchDetectSentiment",
       "*"}}},
    {"PollyFullAccessPolicy",
     {{"polly:GetLexicon polly:DeleteLexicon", "arn:{P}:polly:{R}:{A}:lexicon/{LexiconName}"},
      {"polly:DescribeVoices polly:ListLexicons polly:PutLexicon polly:SynthesizeSpeech",
       "arn:{P}:polly:{R}:{A}:lexicon/*"}}},
    {"VPCAccessPolicy",
     {{"ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces "
       "ec2:DetachNetworkInterface",
       "*"}}},
    {"AWSSecretsManagerGetSecretValuePolicy", {{"secretsmanager:GetSecretValue", "{SecretArn}"}}},
    {"AWSSecretsManagerRotationPolicy",
     {{"secretsmanager:DescribeSecret secretsmanager:GetSecretValue "
       "secretsmanager:PutSecretValue secretsmanager:UpdateSecretVersionStage",
       "arn:{P}:secretsmanager:{R}:{A}:secret:*"},
      {"secretsmanager:GetRandomPassword", "*"}}},
    {"AcmGetCertificatePolicy", {{"acm:GetCertificate", "{CertificateArn}"}}},
    {"EventBridgePutEventsPolicy", {{"events:PutEvents", "arn:{P}:events:{R}:{A}:event-bus/{EventBusName}"}}},
    {"FilterLogEventsPolicy", {{"logs:FilterLogEvents", "arn:{P}:logs:{R}:{A}:log-group:{LogGroupName}:log-stream:*"}}},
    {"ElasticsearchHttpPostPolicy", {{"es:ESHttpPost es:ESHttpPut", "arn:{P}:es:{R}:{A}:domain/{DomainName}/*"}}},
    {"CostExplorerReadOnlyPolicy",
     {{"ce:GetCostAndUsage ce:GetDimensionValues ce:GetReservationCoverage "
       "ce:GetReservationPurchaseRecommendation ce:GetReservationUtilization ce:GetTags",
       "*"}}},
    {"OrganizationsListAccountsPolicy", {{"organizations:ListAccounts", "*"}}},
    {"MobileAnalyticsWriteOnlyAccessPolicy", {{"mobileanalytics:PutEvents", "*"}}},
    {"PinpointEndpointAccessPolicy",
     {{"mobiletargeting:GetEndpoint mobiletargeting:UpdateEndpoint "
       "mobiletargeting:UpdateEndpointsBatch",
       "arn:{P}:mobiletargeting:{R}:{A}:apps/{PinpointApplicationId}/endpoints/*"}}},
    {"SageMakerCreateEndpointPolicy",
     {{"sagemaker:CreateEndpoint", "arn:{P}:sagemaker:{R}:{A}:endpoint/{EndpointName}"}}},
    {"SageMakerCreateEndpointConfigPolicy",
     {{"sagemaker:CreateEndpointConfig", "arn:{P}:sagemaker:{R}:{A}:endpoint-config/{EndpointConfigName}"}}},
    {"EcsRunTaskPolicy", {{"ecs:RunTask", "arn:{P}:ecs:{R}:{A}:task-definition/{TaskDefinition}"}}},
    {"EFSWriteAccessPolicy",
     {{"elasticfilesystem:ClientMount elasticfilesystem:ClientWrite",
       "arn:{P}:elasticfilesystem:{R}:{A}:file-system/{FileSystem}"}}},
    {"Route53ChangeResourceRecordSetsPolicy",
     {{"route53:ChangeResourceRecordSets", "arn:{P}:route53:::hostedzone/{HostedZoneId}"}}},
    {"ElasticMapReduceAddJobFlowStepsPolicy",
     {{"elasticmapreduce:AddJobFlowSteps", "arn:{P}:elasticmapreduce:{R}:{A}:cluster/{ClusterId}"}}},
    {"ElasticMapReduceCancelStepsPolicy",
     {{"elasticmapreduce:CancelSteps", "arn:{P}:elasticmapreduce:{R}:{A}:cluster/{ClusterId}"}}},
    {"ElasticMapReduceTerminateJobFlowsPolicy",
     {{"elasticmapreduce:TerminateJobFlows", "arn:{P}:elasticmapreduce:{R}:{A}:cluster/{ClusterId}"}}},
    {"ServerlessRepoReadWriteAccessPolicy",
     {{"serverlessrepo:CreateApplication serverlessrepo:CreateApplicationVersion "
       "serverlessrepo:GetApplication serverlessrepo:ListApplications "
       "serverlessrepo:ListApplicationVersions",
       "arn:{P}:serverlessrepo:{R}:{A}:applications/*"}}},
};

const struct sam_policy *sam_policy_find(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        if (str_eq_c(name, policies[i].name))
            return &policies[i];
    }
    return NULL;
}
