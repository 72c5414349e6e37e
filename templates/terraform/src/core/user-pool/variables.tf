variable "name" {
  description = "Name of the pool."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the pool, and so every user in it, can only be deleted after this is switched off."
  type        = bool
  default     = true
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
