# A state in the middle of things: one that failed, and one whose old self is still there.
variable "release" {
  type    = number
  default = 2
}

resource "random_pet" "name" {
  keepers = {
    release = var.release
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "time_sleep" "drain" {
  count            = 2
  destroy_duration = count.index == 0 ? "30s" : "1ms"
  triggers = {
    release = var.release
    name    = random_pet.name.id
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "random_id" "session" {
  byte_length = 4
}

resource "local_file" "note" {
  filename        = "out/note.txt"
  content         = "release ${var.release}\n"
  file_permission = "0640"

  lifecycle {
    ignore_changes = all
  }
}

output "name" {
  value = random_pet.name.id
}
