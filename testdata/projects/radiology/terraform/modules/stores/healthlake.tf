# Reports as FHIR resources. HealthLake is in the Cloud Control provider only.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    awscc = {
      source = "hashicorp/awscc"
    }
  }
}

resource "awscc_healthlake_fhir_datastore" "reports" {
  datastore_name         = "${var.name}-reports"
  datastore_type_version = "R4"

  sse_configuration = {
    kms_encryption_config = {
      cmk_type   = "CUSTOMER_MANAGED_KMS_KEY"
      kms_key_id = var.ml_key
    }
  }

  identity_provider_configuration = {
    authorization_strategy             = "SMART_ON_FHIR"
    fine_grained_authorization_enabled = true
    idp_lambda_arn                     = var.authorizer_function

    metadata = jsonencode({
      issuer                           = "https://login.${var.domain}"
      authorization_endpoint           = "https://login.${var.domain}/oauth2/authorize"
      token_endpoint                   = "https://login.${var.domain}/oauth2/token"
      jwks_uri                         = "https://login.${var.domain}/.well-known/jwks.json"
      response_types_supported         = ["code"]
      grant_types_supported            = ["authorization_code"]
      scopes_supported                 = ["openid", "launch/patient", "patient/*.read"]
      code_challenge_methods_supported = ["S256"]
      capabilities                     = ["launch-ehr", "client-confidential-symmetric", "permission-patient"]
    })
  }

  tags = [{
    key   = "data-classification"
    value = "phi"
  }]
}
