# What was called otherwise, what is let go of, and what was there before.
resource "random_pet" "server" {
  for_each = { blue = 2, green = 3 }
  length   = each.value
}

moved {
  from = random_pet.blue
  to   = random_pet.server["blue"]
}

moved {
  from = random_pet.green
  to   = random_pet.server["green"]
}

resource "null_resource" "step" {
  count    = 2
  triggers = { number = count.index }
}

moved {
  from = null_resource.first
  to   = null_resource.step[0]
}

moved {
  from = null_resource.second
  to   = null_resource.step[1]
}

module "queue" {
  source   = "./queue"
  for_each = toset(["mail"])
  name     = each.key
}

moved {
  from = module.mail
  to   = module.queue["mail"]
}

module "topic" {
  source = "./queue"
  name   = "news"
}

removed {
  from = random_pet.retired

  lifecycle {
    destroy = false
  }
}

import {
  to = random_id.adopted
  id = "3q2-7w"
}

resource "random_id" "adopted" {
  byte_length = 4
}

output "names" {
  value = values(random_pet.server)[*].id
}

output "queues" {
  value = concat([for queue in module.queue : queue.id], [module.topic.id])
}
