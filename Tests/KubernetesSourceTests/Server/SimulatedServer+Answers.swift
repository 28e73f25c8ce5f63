import KubernetesClient
import PolicyModel

extension SimulatedServer.State {
    static let faults: [APIError] = [
        APIError(.unreachable, message: "connection refused"), APIError(.cut, message: "reset"),
        APIError(.status(429), message: "slow down", retryAfter: .seconds(1)),
        APIError(.status(503), message: "not now"), APIError(.status(500), message: "oh"),
        APIError(.status(410), reason: "Expired", message: "too old"),
        APIError(.status(401), reason: "Unauthorized", message: "who"),
        APIError(.timedOut, message: "silence"), APIError(.invalidAnswer, message: "no HTTP"),
    ]

    mutating func answer(
        _ request: APIRequest, forget: @escaping @Sendable (Int) -> Void
    ) throws -> APIResponse {
        if let error = settings.errors[request.path] { throw error }
        if let text = settings.discovery[request.path] { return APIResponse(body: Self.whole(text)) }
        if random.chance(settings.faults), let error = Self.faults.randomElement(using: &random) { throw error }
        return request["watch"] == "true" ? try watch(request, forget: forget) : try list(request)
    }

    private static func whole(_ text: String) -> APIResponse.Body {
        let (body, continuation) = APIResponse.Body.makeStream()
        continuation.yield(Array(text.utf8))
        continuation.finish()
        return body
    }

    private mutating func list(_ request: APIRequest) throws -> APIResponse {
        var offset = 0
        var token = request["continue"] ?? ""
        if token.isEmpty {
            next += 1
            token = "\(next)"
            let items = store.list(request.path).map { SimulatedStore.json($0.reference, $0.entry) }
            lists[token] = (store.version, items)
        } else {
            let parts = token.split(separator: ":")
            (token, offset) = (String(parts[0]), Int(parts[1]) ?? 0)
        }
        guard let list = lists[token], list.version >= store.compactedTo else {
            throw APIError(.status(410), reason: "Expired", message: "the continue token is too old")
        }
        let limit = settings.ignoresLimit ? Int.max : Int(request["limit"] ?? "") ?? Int.max
        let page = list.items.dropFirst(offset).prefix(limit)
        let rest = offset + page.count < list.items.count ? "\(token):\(offset + page.count)" : ""
        let kind = kindNames[request.path] ?? "Pod"
        let text = """
            {"kind":"\(kind)List","apiVersion":"v1","metadata":{"resourceVersion":"\(list.version)",\
            "continue":"\(rest)"},"items":[\(page.joined(separator: ","))]}
            """
        var bytes = Array(text.utf8)
        let (body, continuation) = APIResponse.Body.makeStream()
        let breaks = random.chance(settings.faults)
        if breaks { bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))) }
        for piece in cut(bytes) { continuation.yield(piece) }
        let error = breaks && random.chance(0.5) ? APIError(.cut, message: "within the page") : nil
        continuation.finish(throwing: error)
        return APIResponse(body: body)
    }

    private mutating func watch(
        _ request: APIRequest, forget: @escaping @Sendable (Int) -> Void
    ) throws -> APIResponse {
        guard let version = request["resourceVersion"].flatMap({ Int($0) }) else {
            throw APIError(.status(400), message: "no version")
        }
        let (body, continuation) = APIResponse.Body.makeStream()
        if settings.endsWatchesAtOnce {
            continuation.finish()
            return APIResponse(body: body)
        }
        if version < store.compactedTo {
            if random.chance(0.5) { throw APIError(.status(410), reason: "Expired", message: "too old") }
            let status = #"{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}"#
            continuation.yield(Array("{\"type\":\"ERROR\",\"object\":\(status)}\n".utf8))
            continuation.finish()
            return APIResponse(body: body)
        }
        next += 1
        let id = next
        watches[id] = SimulatedServer.Watch(path: request.path, version: version, continuation: continuation)
        advance(id)
        continuation.onTermination = { reason in
            if case .cancelled = reason { forget(id) }
        }
        return APIResponse(body: body)
    }

    /// Sends a watch what it has not seen, unless a fault ends it.
    mutating func advance(_ id: Int) {
        guard var watch = watches[id] else { return }
        var text = ""
        for change in store.changes where change.path == watch.path && change.version > watch.version {
            let line = "{\"type\":\"\(change.type)\",\"object\":\(change.json)}\n"
            text += line
            if random.chance(settings.faults) { text += line }
            watch.version = change.version
        }
        if random.chance(0.2) {
            watch.version = store.version
            text += """
                {"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"\(store.version)"}}}\n
                """
        }
        watches[id] = watch
        guard random.chance(settings.faults) else {
            for piece in cut(Array(text.utf8)) { watch.continuation.yield(piece) }
            return
        }
        watches[id] = nil
        spoil(watch, text)
    }

    private mutating func spoil(_ watch: SimulatedServer.Watch, _ text: String) {
        var bytes = Array(text.utf8)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
        case 1: bytes += Array("{\"type\":\"ADDED\",\"object\":{]}\n".utf8)
        case 2: bytes += Array("{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n".utf8)
        default: break
        }
        for piece in cut(bytes) { watch.continuation.yield(piece) }
        let errors: [APIError?] = [
            nil, APIError(.cut, message: "within"), APIError(.timedOut, message: "silence"),
        ]
        let error = errors[Int.random(in: 0..<errors.count, using: &random)]
        watch.continuation.finish(throwing: error)
    }

    /// The bytes in pieces of any size.
    private mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...400, using: &random))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}

private let kindNames = [
    "/api/v1/pods": "Pod", "/api/v1/namespaces": "Namespace", "/api/v1/nodes": "Node",
    "/api/v1/services": "Service", "/apis/discovery.k8s.io/v1/endpointslices": "EndpointSlice",
    "/apis/discovery.k8s.io/v1beta1/endpointslices": "EndpointSlice",
    "/apis/networking.k8s.io/v1/networkpolicies": "NetworkPolicy",
]
