locals {
  is_prod = var.environment == "prod"
  prefix  = join("-", compact(["acme", var.environment, local.is_prod ? "" : "np"]))

  members = flatten([
    for team, cfg in var.teams : [
      for m in cfg.members : {
        key  = "${team}/${m.name}"
        team = team
        name = m.name
        role = m.role
      }
    ]
  ])
  members_by_key  = { for m in local.members : m.key => m }
  members_by_role = { for m in local.members : m.role => m.name... }
  team_labels     = { for t, c in var.teams : t => merge({ team = t }, coalesce(c.labels, {})) if c.quota != null }
  total_quota     = sum(concat([0], [for c in values(var.teams) : coalesce(c.quota, 0)]))
  pairs           = { for p in setproduct(keys(var.teams), ["read", "write"]) : "${p[0]}-${p[1]}" => { team = p[0], perm = p[1] } }
  cidrs           = [for i, s in var.subnets : cidrsubnet(s.cidr, 4, i)]
  hosts           = { for i, s in var.subnets : s.name => cidrhost(s.cidr, 5) }
  settings        = merge({ port = 80, tls = true }, var.settings)
  port            = try(local.settings.port, 80)
  has_debug       = can(local.settings.debug)
  regexes         = regexall("[a-z]+", "foo-bar-1")
  first_re        = regex("^(?P<first>[a-z]+)-(?P<rest>.*)$", "foo-bar-1")
  yaml            = yamldecode(file("${path.module}/config.yaml"))
  services        = { for s in local.yaml.services : s.name => s }
  json            = jsondecode(file("${path.module}/data.json"))
  upper_keys      = { for k, v in local.json : upper(k) => v }
  chunks          = chunklist(["a", "b", "c"], 2)
  zip             = zipmap(["a", "b"], [1, 2])
  trans           = transpose({ a = ["1", "2"], b = ["2"] })
  msg             = format("%s has %d members (%05.2f%%) %q %v", local.prefix, length(local.members), 12.345, "q", true)
  lst             = formatlist("%s-%s", local.prefix, ["a", "b"])
  script          = <<-EOF
    #!/bin/bash
      echo "indent ${local.prefix}"
    %{if local.is_prod~}
    echo prod
    %{else~}
    echo nonprod
    %{endif~}
    %{for m in local.members~}
    useradd ${m.name} # $${literal} %%{literal}
    %{endfor~}
  EOF
  nested          = { a = { b = { c = [1, 2, { d = "x" }] } } }
  d               = local.nested.a.b.c[2].d
  sorted          = sort(["b", "a", "C"])
  rev             = reverse(local.sorted)
  idx             = index(["a", "b"], "b")
  mm              = max([1, 5, 3]...)
  ternary         = var.extra == null ? "none" : var.extra
  anyv            = lookup(var.anything, "x", "default-x")
  anyv2           = try(var.anything.deep.er, "fallback")
  set_ops         = setsubtract(toset(["a", "b", "c"]), var.feature_flags)
  b64             = base64encode(jsonencode({ a = [1, "two", null], b = true }))
  sha             = substr(sha256(local.prefix), 0, 8)
  cond_list       = local.is_prod ? ["a", "b"] : []
  dynamic_map     = { (var.environment) = "x", "${var.environment}-y" = "z" }
  trimmed         = trimsuffix(trimprefix("helloworld", "hello"), "ld")
  t               = timeadd("2024-01-01T00:00:00Z", "24h")
  fd              = formatdate("YYYY-MM-DD", "2024-01-02T03:04:05Z")
  secret_url      = "postgres://u:${var.db_password}@h/db"
}

resource "random_id" "suffix" {
  byte_length = 4
  keepers     = { env = var.environment }
}

resource "null_resource" "member" {
  for_each = local.members_by_key
  triggers = {
    name   = each.value.name
    role   = each.value.role
    team   = each.value.team
    suffix = random_id.suffix.hex
  }
  lifecycle {
    precondition {
      condition     = contains(["dev", "lead"], each.value.role)
      error_message = "Bad role ${each.value.role}"
    }
    postcondition {
      condition     = self.id != ""
      error_message = "No id"
    }
    prevent_destroy = false
    ignore_changes  = [triggers["seen"]]
  }
}

resource "null_resource" "perm" {
  for_each   = local.pairs
  triggers   = each.value
  depends_on = [null_resource.member]
}

resource "null_resource" "maybe" {
  count    = local.is_prod && length(var.subnets) > 0 ? 1 : 0
  triggers = { cidrs = join(",", local.cidrs) }
}

resource "local_file" "script" {
  filename = "${path.module}/out/script.sh"
  content  = local.script
}

resource "local_file" "rendered" {
  for_each = fileset("${path.module}/templates", "*.tftpl")
  filename = "out/${trimsuffix(each.value, ".tftpl")}"
  content = templatefile("${path.module}/templates/${each.value}", {
    members = local.members
    by_role = local.members_by_role
    prefix  = local.prefix
    port    = local.port
    flags   = { a = true, b = false }
  })
}

resource "local_file" "json" {
  filename = "out/conf.json"
  content = jsonencode({
    settings = local.settings
    hosts    = local.hosts
    services = local.services
    teams    = var.teams
    flags    = var.feature_flags
    msg      = local.msg
    roles    = local.members_by_role
    labels   = local.team_labels
    total    = local.total_quota
    upper    = local.upper_keys
    chunks   = local.chunks
    zip      = local.zip
    trans    = local.trans
    lst      = local.lst
    d        = local.d
    sorted   = local.sorted
    rev      = local.rev
    idx      = local.idx
    mm       = local.mm
    ternary  = local.ternary
    anyv     = [local.anyv, local.anyv2]
    setops   = local.set_ops
    b64      = local.b64
    sha      = local.sha
    cl       = local.cond_list
    dm       = local.dynamic_map
    tr       = local.trimmed
    t        = local.t
    fd       = local.fd
    re       = local.regexes
    fr       = local.first_re
    mixed    = var.mixed
    subn     = var.subnets
  })
}

resource "time_static" "made" {}

module "svc" {
  source   = "./modules/svc"
  for_each = { for k, v in local.services : k => v if try(v.enabled, true) }
  name     = each.key
  replicas = lookup(each.value, "replicas", 1)
  env      = try(each.value.env, {})
  sidecars = [for s in try(each.value.sidecars, []) : { name = s, image = "img/${s}" }]
}

check "health" {
  assert {
    condition     = length(null_resource.member) > 0
    error_message = "No members."
  }
}

output "prefix" { value = local.prefix }
output "members" { value = { for k, m in null_resource.member : k => m.id } }
output "secret" {
  value     = local.secret_url
  sensitive = true
}
output "maybe" { value = one(null_resource.maybe[*].id) }
output "svc" { value = { for k, s in module.svc : k => s.summary } }
output "first_member" { value = try(values(null_resource.member)[0].id, "") }
output "made" { value = formatdate("YYYY", time_static.made.rfc3339) != "" }
