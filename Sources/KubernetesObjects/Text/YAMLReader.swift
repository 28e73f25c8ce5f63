import CLibyaml

/// Reads YAML documents as JSON values, from the events of libyaml.
///
/// A tree such as Yams' does not serve: it expands aliases and compares keys
/// before anything can be counted; here every value is counted as it is made,
/// and nothing recurses.
struct YAMLReader: ~Copyable {
    private var parser = yaml_parser_t()
    private let limits: TextLimits
    private var values = 0
    private var anchors: [String: Built] = [:]

    /// A value and how many values it is made of.
    private struct Built {
        var value: JSONValue
        var size: Int
    }

    /// A list or mapping whose end has not come yet.
    private struct Open {
        var anchor: String?
        var size = 1
        var elements: [JSONValue] = []
        var object: JSONObject?
        var key: String?
        var merges: [JSONValue] = []
    }

    private init(limits: TextLimits) {
        self.limits = limits
    }

    /// - Parameter bytes: valid UTF-8.
    /// - Returns: The documents and the line of each; null for an empty one.
    static func readAll(
        _ bytes: [UInt8], limits: TextLimits = TextLimits()
    ) throws(TextError) -> [(line: Int, value: JSONValue)] {
        var reader = YAMLReader(limits: limits)
        guard yaml_parser_initialize(&reader.parser) == 1 else {
            throw TextError("out of memory")
        }
        defer { yaml_parser_delete(&reader.parser) }
        return try bytes.withUnsafeBufferPointer { buffer throws(TextError) in
            yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&reader.parser, buffer.baseAddress, buffer.count)
            return try reader.documents()
        }
    }

    private mutating func documents() throws(TextError) -> [(line: Int, value: JSONValue)] {
        var documents: [(line: Int, value: JSONValue)] = []
        var stack: [Open] = []
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else { throw syntaxError() }
            defer { yaml_event_delete(&event) }
            let line = event.start_mark.line + 1
            let built: Built?
            switch event.type {
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
                return documents
            case YAML_DOCUMENT_START_EVENT:
                // Anchors live as long as their document (YAML 1.2.2, 3.2.2.2).
                anchors = [:]
                documents.append((line, .null))
                built = nil
            case YAML_SCALAR_EVENT:
                built = try scalar(event, isKey: stack.last.map { $0.object != nil && $0.key == nil } ?? false)
            case YAML_ALIAS_EVENT:
                built = try alias(event)
            case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
                try open(event, line: line, onto: &stack)
                built = nil
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
                built = try close(&stack, at: event)
            default:
                built = nil
            }
            guard let built else { continue }
            if stack.isEmpty {
                documents[documents.count - 1].value = built.value
            } else {
                try add(built, to: &stack[stack.count - 1], at: event)
            }
        }
    }

    private mutating func count(_ more: Int, at event: yaml_event_t) throws(TextError) {
        values += more
        guard values <= limits.values else {
            throw error(at: event, "holds more than \(limits.values) values, aliases counted as often as used")
        }
    }

    private mutating func scalar(_ event: yaml_event_t, isKey: Bool) throws(TextError) -> Built {
        try count(1, at: event)
        let scalar = event.data.scalar
        let text = String(
            decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        let value: JSONValue
        if isKey {
            // Keys are names whatever they look like; only `<<` differs when quoted.
            value = .string(text == "<<" && scalar.style != YAML_PLAIN_SCALAR_STYLE ? "\u{0}<<" : text)
        } else if let tag = string(scalar.tag) {
            guard let tagged = PlainScalar.value(of: text, tag: tag) else {
                throw error(at: event, "'\(text.prefix(40))' cannot be read with the tag \(tag)")
            }
            value = tagged
        } else {
            value = scalar.style == YAML_PLAIN_SCALAR_STYLE ? PlainScalar.value(of: text) : .string(text)
        }
        let built = Built(value: value, size: 1)
        if let anchor = string(scalar.anchor) { anchors[anchor] = built }
        return built
    }

    private mutating func alias(_ event: yaml_event_t) throws(TextError) -> Built {
        guard let name = string(event.data.alias.anchor), let built = anchors[name] else {
            throw error(at: event, "an alias to an anchor that is not there")
        }
        try count(built.size, at: event)
        return built
    }

    private mutating func open(
        _ event: yaml_event_t, line: Int, onto stack: inout [Open]
    ) throws(TextError) {
        try count(1, at: event)
        guard stack.count < limits.depth else {
            throw error(at: event, "nests deeper than \(limits.depth) levels")
        }
        let isMapping = event.type == YAML_MAPPING_START_EVENT
        let tag = string(isMapping ? event.data.mapping_start.tag : event.data.sequence_start.tag)
        guard tag == nil || tag == "!" || tag == (isMapping ? PlainScalar.mapTag : PlainScalar.sequenceTag)
        else { throw error(at: event, "a list or mapping with the tag \(tag ?? "")") }
        stack.append(
            Open(
                anchor: string(
                    isMapping ? event.data.mapping_start.anchor : event.data.sequence_start.anchor),
                object: isMapping ? JSONObject(line: line) : nil))
    }

    private mutating func close(_ stack: inout [Open], at event: yaml_event_t) throws(TextError) -> Built? {
        guard var open = stack.popLast() else { return nil }
        if !open.merges.isEmpty { try merge(&open, at: event) }
        let value = open.object.map(JSONValue.object) ?? .array(open.elements)
        let built = Built(value: value, size: open.size)
        if let anchor = open.anchor { anchors[anchor] = built }
        return built
    }

    private func add(_ built: Built, to open: inout Open, at event: yaml_event_t) throws(TextError) {
        open.size += built.size
        guard open.object != nil else {
            open.elements.append(built.value)
            return
        }
        guard let key = open.key else {
            open.key = try keyText(built.value, at: event)
            return
        }
        open.key = nil
        if key == "<<" {
            open.merges.append(built.value)
        } else {
            open.object?.insert(key == "\u{0}<<" ? "<<" : key, built.value)
        }
    }

    private func keyText(_ value: JSONValue, at event: yaml_event_t) throws(TextError) -> String {
        switch value {
        case .string(let text): return text
        case .int(let number): return String(number)
        case .bool(let flag): return String(flag)
        default: throw error(at: event, "\(value.kindName) cannot be the key of a mapping")
        }
    }

    /// The merge key `<<` (yaml.org/type/merge.html): what is there wins, and
    /// of several mappings the earlier.
    private func merge(_ open: inout Open, at event: yaml_event_t) throws(TextError) {
        for merged in open.merges {
            let sources = if case .array(let list) = merged { list } else { [merged] }
            for source in sources {
                guard case .object(let object) = source else {
                    throw error(at: event, "'<<' merges mappings, not \(source.kindName)")
                }
                open.object?.fields.merge(object.fields) { present, _ in present }
            }
        }
    }

    private func string(_ text: UnsafePointer<UInt8>?) -> String? {
        text.map { String(cString: $0) }
    }

    private func string(_ text: UnsafeMutablePointer<UInt8>?) -> String? {
        text.map { String(cString: $0) }
    }

    private func error(at event: yaml_event_t, _ message: String) -> TextError {
        TextError(line: event.start_mark.line + 1, column: event.start_mark.column + 1, message)
    }

    private func syntaxError() -> TextError {
        let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
        let context = parser.context.map { " (\(String(cString: $0)))" } ?? ""
        return TextError(
            line: parser.problem_mark.line + 1, column: parser.problem_mark.column + 1,
            problem + context)
    }
}
