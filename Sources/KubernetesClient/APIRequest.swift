/// One request to an API server.
public struct APIRequest: Hashable, Sendable {
    public enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public struct Body: Hashable, Sendable {
        public var bytes: [UInt8]
        /// For instance `application/json` or `application/json-patch+json`.
        public var contentType: String

        public init(_ bytes: [UInt8], contentType: String = "application/json") {
            self.bytes = bytes
            self.contentType = contentType
        }
    }

    public var method: Method
    /// Begins with a slash; not yet percent-encoded.
    public var path: String
    /// In order; not yet percent-encoded.
    public var query: [Parameter]
    public var body: Body?
    /// How long the server may take to begin its answer.
    public var patience: Duration
    /// How long the server may be silent within its answer, each time.
    public var silence: Duration

    public struct Parameter: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        _ method: Method = .get, _ path: String, query: [Parameter] = [], body: Body? = nil,
        patience: Duration = .seconds(30), silence: Duration = .seconds(30)
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.patience = patience
        self.silence = silence
    }
}
