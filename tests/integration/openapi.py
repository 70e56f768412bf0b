"""What the OpenAPI document says, and whether an answer is as it says."""

import datetime
import re

import jsonschema

formats = jsonschema.FormatChecker(())


@formats.checks("date-time", raises=ValueError)
def is_time(value):
    if isinstance(value, str):
        datetime.datetime.fromisoformat(value)
    return True


class Operation:
    def __init__(self, method, path, body):
        self.method, self.path = method.upper(), path
        self.id, self.tags = body["operationId"], body["tags"]
        self.responses = body["responses"]
        self.body = body.get("requestBody")
        self.parameters = body.get("parameters", [])

    def __repr__(self):
        return self.id

    def parameters_in(self, place):
        return [parameter for parameter in self.parameters if parameter["in"] == place]

    def codes(self, status):
        """The codes of a problem with this status."""
        schema = self.responses[str(status)]["content"]["application/problem+json"]["schema"]
        return schema["allOf"][1]["properties"]["code"]["enum"]


class Document:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.operations = [Operation(method, path, operation)
                           for path, item in document["paths"].items()
                           for method, operation in item.items()]
        self.closed = {name: self.close(schema) for name, schema in self.schemas.items()}

    def __getitem__(self, operation_id):
        return next(one for one in self.operations if one.id == operation_id)

    def resolve(self, schema):
        if "$ref" not in schema:
            return schema
        return self.schemas[schema["$ref"].removeprefix("#/components/schemas/")]

    def merge(self, parts):
        """One schema of an object for several that all hold."""
        whole = {"type": "object", "properties": {}, "required": []}
        for part in map(self.resolve, parts):
            part = self.merge(part["allOf"]) if "allOf" in part else part
            for name, schema in part.get("properties", {}).items():
                known = whole["properties"].get(name)
                whole["properties"][name] = {"allOf": [known, schema]} if known else schema
            whole["required"] += part.get("required", [])
            if "additionalProperties" in part:
                whole["additionalProperties"] = part["additionalProperties"]
        return whole

    def close(self, schema):
        """The same schema, where objects have no members that it does not name. The document is
        open, so that clients that validate do not break when a member is added."""
        if isinstance(schema, list):
            return [self.close(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        parts = schema.get("allOf", [])
        if any("properties" in self.resolve(part) or "allOf" in self.resolve(part)
               for part in parts):
            schema = self.merge(parts)
        closed = {}
        for key, value in schema.items():
            closed[key] = ({name: self.close(one) for name, one in value.items()}
                           if key == "properties" else self.close(value))
        if "properties" in closed:
            closed.setdefault("additionalProperties", False)
        return closed

    def validate(self, value, schema):
        whole = {**self.close(schema), "components": {"schemas": self.closed}}
        jsonschema.Draft202012Validator(whole, format_checker=formats).validate(value)

    def check(self, operation, reply):
        """Asserts that the operation may answer like this."""
        response = operation.responses.get(str(reply.status))
        assert response, f"{operation} may not answer {reply}"
        for name, header in response.get("headers", {}).items():
            assert not header.get("required") or reply.headers[name], (name, reply)
        if "content" not in response:
            assert reply.body == b"", reply
            return
        kind = reply.headers["Content-Type"].partition(";")[0]
        assert kind in response["content"], f"{operation} may not answer {reply}"
        if re.search(r"[/+]json$", kind):
            self.validate(reply.json(), response["content"][kind]["schema"])
