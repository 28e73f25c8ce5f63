package import PolicyModel

/// A meta/v1 `LabelSelector`, validated as apimachinery's
/// `ValidateLabelSelector` does. What is wrong is reported and left out, so
/// that the result selects at least what was meant; a caller for whom more is
/// worse must look at the errors.
package func labelSelector(_ field: Field) -> LabelSelector {
    guard field.object() != nil else { return LabelSelector() }
    field.warnOfFields(otherThan: ["matchLabels", "matchExpressions"])
    let labels = matchLabels(field["matchLabels"])
    return LabelSelector(labels + (field["matchExpressions"].elements() ?? []).compactMap(requirement))
}

private func matchLabels(_ field: Field) -> [LabelSelector.Requirement] {
    guard let object = field.object() else { return [] }
    return object.fields.keys.sorted().compactMap { key in
        let value = field[key]
        guard checkKey(key, value) else { return nil }
        if value.isAbsent {
            value.warning("has no value; read as \"\"")
            return LabelSelector.Requirement(key: key, operator: .in, values: [""])
        }
        guard let text = labelValue(value) else { return nil }
        return LabelSelector.Requirement(key: key, operator: .in, values: [text])
    }
}

private func requirement(_ field: Field) -> LabelSelector.Requirement? {
    field.withoutErrors { () -> LabelSelector.Requirement? in
        if field.isAbsent { field.error("is null, not a requirement") }
        field.warnOfFields(otherThan: ["key", "operator", "values"])
        let key = field["key"].string() ?? ""
        _ = checkKey(key, field["key"])
        let values = (field["values"].elements() ?? []).compactMap { value in
            if value.isAbsent { value.error("is null, not a value") }
            return labelValue(value)
        }
        guard let `operator` = selectorOperator(field["operator"]) else { return nil }
        switch `operator` {
        case .in, .notIn:
            if values.isEmpty { field["values"].error("must not be empty with operator \(`operator`.rawValue)") }
        case .exists, .doesNotExist:
            if !values.isEmpty { field["values"].error("must be empty with operator \(`operator`.rawValue)") }
        }
        return LabelSelector.Requirement(key: key, operator: `operator`, values: values)
    } ?? nil
}

private func selectorOperator(_ field: Field) -> LabelSelector.Requirement.Operator? {
    if field.isAbsent { field.error("is missing") }
    guard let name = field.string() else { return nil }
    guard let known = LabelSelector.Requirement.Operator(rawValue: name) else {
        field.error("\(field.quoted(name)) is not an operator; use In, NotIn, Exists or DoesNotExist")
        return nil
    }
    return known
}

private func checkKey(_ key: String, _ field: Field) -> Bool {
    guard Names.isLabelKey(key) else {
        field.error(key.isEmpty ? "has an empty label key" : "\(field.quoted(key)) is not a label key")
        return false
    }
    return true
}

private func labelValue(_ field: Field) -> String? {
    guard let text = field.string() else { return nil }
    if !Names.isLabelValue(text) {
        field.warning("\(field.quoted(text)) is not a label value; nothing has it")
    }
    return text
}
