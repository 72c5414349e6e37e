variable "name" {
  description = "Name of the pool."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the pool, and so every user in it, can only be deleted after this is switched off."
  type        = bool
  default     = true
}

variable "mfa" {
  description = "Whether users sign in with an authenticator app as well: `REQUIRED`, `OPTIONAL` or `OFF`."
  type        = string
  default     = "REQUIRED"

  validation {
    condition     = contains(["REQUIRED", "OPTIONAL", "OFF"], var.mfa)
    error_message = "mfa is REQUIRED, OPTIONAL or OFF."
  }
}

variable "callback_urls" {
  description = "Addresses that the pool's own pages lead back to after a sign-in, for the authorization code flow; the pool needs a domain for them. Without, users sign in by the Secure Remote Password protocol alone."
  type        = list(string)
  default     = []
}

variable "logout_urls" {
  description = "Addresses that the pool's own pages lead back to after a sign-out."
  type        = list(string)
  default     = []
}

variable "self_sign_up" {
  description = "Whether anybody may sign up, and not administrators alone."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of the pool."
  type        = map(string)
  default     = {}
}
