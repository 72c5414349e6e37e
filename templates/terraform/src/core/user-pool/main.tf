# A Cognito user pool to begin with. An API takes any pool: pass the ARN and the client ids of one that exists instead.

locals {
  # The pool's own pages lead back to these.
  has_pages = length(var.callback_urls) > 0
}

resource "aws_cognito_user_pool" "this" {
  name                = var.name
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  # CDK and the console say REQUIRED for ON.
  mfa_configuration   = var.mfa == "REQUIRED" ? "ON" : var.mfa
  username_attributes = ["email"]
  tags                = var.tags

  auto_verified_attributes = ["email"]

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.self_sign_up
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    temporary_password_validity_days = 7
  }

  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]

    content {
      enabled = true
    }
  }
}

# For browsers and scripts, which can keep no secret: users sign in by the Secure Remote Password protocol, or by the authorization code
# flow, which takes PKCE of a client without a secret.
resource "aws_cognito_user_pool_client" "this" {
  name                          = "${var.name}-client"
  user_pool_id                  = aws_cognito_user_pool.this.id
  generate_secret               = false
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  supported_identity_providers  = ["COGNITO"]

  allowed_oauth_flows_user_pool_client = local.has_pages
  allowed_oauth_flows                  = local.has_pages ? ["code"] : null
  allowed_oauth_scopes                 = local.has_pages ? ["openid", "email", "profile"] : null
  callback_urls                        = local.has_pages ? var.callback_urls : null
  logout_urls                          = local.has_pages ? var.logout_urls : null
}
