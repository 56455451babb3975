#!/bin/sh
# The document is sound in itself: every reference leads somewhere, names are unique, examples fit their schema's members.
# That it names the same operations and rights as the route table is tested in api_table_test.cpp.
set -eu
cd "$(dirname "$0")/../.."
python3 -c 'import yaml' 2>/dev/null || { echo "python3-yaml is not installed"; exit 77; }
exec python3 - docs/api/openapi.yaml <<'PYTHON'
import sys
import yaml

document = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
problems, seen, used = [], set(), set()


def resolve(ref):
    node = document
    for part in ref.removeprefix("#/").split("/"):
        node = node[part]
    return node


def walk(node, where):
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str):
            used.add(ref)
            try:
                resolve(ref)
            except (KeyError, TypeError):
                problems.append(f"{where}: {ref} leads nowhere")
        for name, child in node.items():
            walk(child, f"{where}/{name}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            walk(child, f"{where}/{index}")


def members_of(schema):
    while "$ref" in schema:
        schema = resolve(schema["$ref"])
    return schema.get("properties", {}), schema.get("required", [])


def check_example(content, where):
    for media in content.values():
        example, schema = media.get("example"), media.get("schema")
        if not isinstance(example, dict) or schema is None:
            continue
        known, required = members_of(schema)
        problems.extend(f"{where}: the example has {name}" for name in example if name not in known)
        problems.extend(f"{where}: the example misses {name}" for name in required if name not in example)


def check_operation(path, method, operation, shared):
    where = f"{method.upper()} {path}"
    name = operation.get("operationId")
    if not name or name in seen:
        problems.append(f"{where}: operationId missing or used twice")
    seen.add(name)
    if not operation.get("summary") or not operation.get("tags"):
        problems.append(f"{where}: summary or tag missing")
    parameters = [resolve(p["$ref"]) if "$ref" in p else p for p in shared + operation.get("parameters", [])]
    for part in path.split("/"):
        if part.startswith("{") and not any(p["in"] == "path" and p["name"] == part[1:-1] for p in parameters):
            problems.append(f"{where}: {part} is not described")
    public = operation.get("security") == []
    if not public and "default" not in operation["responses"]:
        problems.append(f"{where}: no problem answer")
    check_example(operation.get("requestBody", {}).get("content", {}), where)


walk(document, "")
for path, item in document["paths"].items():
    for method, operation in item.items():
        if method != "parameters":
            check_operation(path, method, operation, item.get("parameters", []))
for kind, entries in document["components"].items():
    if kind == "securitySchemes":
        continue
    problems.extend(f"components/{kind}/{name} is not used" for name in entries if f"#/components/{kind}/{name}" not in used)
    for name, entry in entries.items():
        if isinstance(entry, dict) and "content" in entry:
            check_example(entry["content"], name)
print("\n".join(problems) if problems else f"openapi: {len(seen)} operations, {len(used)} references")
sys.exit(1 if problems else 0)
PYTHON
