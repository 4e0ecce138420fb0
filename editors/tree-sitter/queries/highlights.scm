(comment) @comment
(string) @string
(escape) @string.escape
(interpolation ["${" "}"] @punctuation.special)
(number) @number
(boolean) @boolean
(null) @constant.builtin

["project" "use" "as"] @keyword.import
["environment" "overlay" "component" "test" "type" "fn"] @keyword
["param" "let" "output" "resource" "data" "ephemeral" "unit" "provider"] @keyword
["ensure" "expect" "remove" "moved" "forget" "adopt" "extends" "with"] @keyword
["abstract" "final" "secret"] @keyword.modifier
["if" "then" "else" "for" "in" "where" "match"] @keyword.conditional

(environment name: (identifier) @type)
(overlay name: (identifier) @type)
(component name: (identifier) @type)
(type_declaration name: (identifier) @type)
(type_name) @type
(resource type: (path) @type)
(data type: (path) @type)
(ephemeral type: (path) @type)
(resource name: (identifier) @variable)
(data name: (identifier) @variable)
(ephemeral name: (identifier) @variable)
(param name: (identifier) @variable.parameter)
(let name: (identifier) @variable)
(output name: (identifier) @variable)
(target (identifier) @property)
(pair (identifier) @property)
(member name: (identifier) @property)
(field name: (identifier) @property)
(annotation "@" @attribute name: (identifier) @attribute)
(call function: (identifier) @function)
(call function: (member name: (identifier) @function))
(offered provider: (identifier) @module name: (identifier) @function)
(function_declaration name: (identifier) @function)
(binary operator: _ @operator)
