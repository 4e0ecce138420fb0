# Pages made of files and templates, with data that is read and conditions that are checked.
variable "title" {
  type        = string
  description = "What stands above each page."
  default     = "Handbook"
}

variable "reviewers" {
  type    = map(list(string))
  default = { intro = ["ann"], usage = ["bob", "eve"] }
}

locals {
  pages = fileset("${path.module}/pages", "*.md")
  meta  = jsondecode(file("${path.module}/meta.json"))
  theme = lookup(local.meta, "theme", "plain")

  # Each page with what is known of it.
  entries = {
    for page in local.pages : trimsuffix(page, ".md") => {
      text      = chomp(file("${path.module}/pages/${page}"))
      reviewers = try(var.reviewers[trimsuffix(page, ".md")], [])
      weight    = try(local.meta.weights[trimsuffix(page, ".md")], 10)
    }
  }
}

data "local_file" "license" {
  filename = "${path.module}/pages/LICENSE.txt"
}

data "null_data_source" "facts" {
  inputs = {
    pages = length(local.pages)
    theme = local.theme
  }
}

resource "local_file" "page" {
  for_each = local.entries

  filename = "${path.module}/out/${each.key}.html"
  content = templatefile("${path.module}/page.html.tmpl", {
    title     = "${var.title}: ${title(each.key)}"
    body      = each.value.text
    reviewers = each.value.reviewers
    license   = data.local_file.license.content
  })

  lifecycle {
    precondition {
      condition     = length(each.value.text) > 0
      error_message = "The page ${each.key} is empty."
    }
  }
}

resource "local_file" "index" {
  filename = "${path.module}/out/index.txt"
  content  = <<-EOT
    ${upper(var.title)} (${data.null_data_source.facts.outputs["pages"]} pages, ${local.theme})
    %{~ for name, entry in local.entries }
      * ${name}${length(entry.reviewers) > 0 ? " by ${join(" and ", entry.reviewers)}" : ""} [${entry.weight}]
    %{~ endfor }

    Costs $${PRICE}, 100%%{sure}.
  EOT

  lifecycle {
    postcondition {
      condition     = length(self.content) < 1000
      error_message = "The index is too long."
    }
  }
}

check "reviewed" {
  assert {
    condition     = alltrue([for entry in local.entries : length(entry.reviewers) > 0])
    error_message = "Somebody has to read each page."
  }
}

output "digest" {
  value = md5(join("", [for page in local_file.page : page.content]))
}

output "heaviest" {
  value = max(values(local.entries)[*].weight...)
}
