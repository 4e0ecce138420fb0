# Keys and what they open: random values, moments, and what is made anew with them.
terraform {
  required_providers {
    random = { source = "hashicorp/random" }
    time   = { source = "hashicorp/time" }
    local  = { source = "hashicorp/local" }
  }
}

variable "master_key" {
  type      = string
  sensitive = true
  default   = "correct horse"
}

variable "users" {
  type    = set(string)
  default = ["ann", "bob"]
}

variable "hosts" {
  default = ["h1", "h2", "h3", "h4"]
}

resource "time_static" "epoch" {
  rfc3339 = "2030-02-28T12:00:00Z"
}

resource "time_offset" "expiry" {
  base_rfc3339 = time_static.epoch.rfc3339
  offset_days  = 30
  triggers = {
    year   = time_static.epoch.year
    always = true
  }
}

resource "time_rotating" "keys" {
  rfc3339       = "2130-01-01T00:00:00Z"
  rotation_days = "365"
}

resource "time_sleep" "settle" {
  create_duration = "1ms"
  triggers = {
    rotated = time_rotating.keys.unix
  }
}

resource "random_string" "token" {
  for_each = var.users
  length   = 20
  special  = false
  keepers = {
    rotation = time_rotating.keys.id
    user     = each.value
  }
}

resource "random_uuid" "installation" {}

resource "random_integer" "port" {
  min     = "1024"
  max     = 65535
  seed    = random_uuid.installation.result
  keepers = { first = var.hosts[0] }
}

resource "random_shuffle" "order" {
  input        = var.hosts
  result_count = length(var.hosts) - 1
}

# Sealed for those who are told the key.
resource "local_file" "tokens" {
  filename = "out/tokens.json"
  sensitive_content = jsonencode({
    key    = sha256("${var.master_key}:${random_uuid.installation.result}")
    tokens = { for user, token in random_string.token : user => token.result }
    until  = formatdate("DD MMM YYYY, hh:mm ZZZ", time_offset.expiry.rfc3339)
    later  = timeadd(time_static.epoch.rfc3339, "36h")
    port   = random_integer.port.result
  })
}

output "tokens" {
  value     = { for user in var.users : user => random_string.token[user].result }
  sensitive = true
}

output "order" {
  value = join(" > ", random_shuffle.order.result)
}

output "port" {
  value = "${random_integer.port.result}"
}

output "expiry" {
  value = {
    at      = time_offset.expiry.rfc3339
    in_2030 = time_offset.expiry.year == 2030
    weekday = formatdate("EEEE", time_offset.expiry.rfc3339)
  }
}
