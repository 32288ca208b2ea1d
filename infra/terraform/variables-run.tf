variable "log_level" {
  description = "How much processes tell: info, or info,coach-agent=debug."
  type        = string
  default     = "info"
}

variable "secret_versions" {
  description = "The version of each secret that processes are given, by the secret's name. Default: 1, its first."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "A secret's version is a number; latest is refused, for instances of one revision would be given different ones."
  }
}

variable "firestore_database" {
  description = "The Firestore database of the house: of its own, so that a grant reaches it and nothing else."
  type        = string
  default     = "contextpilot"

  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{2,61}[a-z0-9]|\\(default\\))$", var.firestore_database))
    error_message = "firestore_database is (default), or 4 to 63 of a-z, 0-9 and -, a letter first."
  }
}

variable "firestore_location" {
  description = "Where Firestore keeps data, such as eur3 for several regions. It cannot be changed later. Default: the region."
  type        = string
  default     = null
}

variable "domains" {
  description = "The domain at which people reach a process of the door people, by the process's name: { dashboard-web = \"contextpilot.example.com\" }. Without one nobody does."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for domain in values(var.domains) : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", domain))])
    error_message = "domains maps a process to a domain such as contextpilot.example.com, without https:// and path."
  }
}

variable "people" {
  description = "Whom the Identity-Aware Proxy lets in: user:…, group:… or domain:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.people : can(regex("^(user|group):[^@ ]+@[^@ ]+$|^domain:[^@ ]+$", member))])
    error_message = "people are user:ada@example.com, group:developers@example.com or domain:example.com; allUsers and allAuthenticatedUsers are refused, for everyone is not people you know."
  }
}
