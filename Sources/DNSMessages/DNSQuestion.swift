/// What an answer says that it answers (RFC 1035, section 4.1.2), in class IN.
public struct DNSQuestion: Hashable, Sendable {
    public var id: UInt16
    /// In lower case, without a final dot.
    public var name: String
    public var type: UInt16

    /// - Parameter message: from the header on; over TCP, without its length.
    public init(_ message: some RandomAccessCollection<UInt8>) throws(DNSError) {
        var reader = DNSReader(Array(message))
        id = try reader.header().id
        name = try reader.questionName()
        let question = try reader.question()
        guard question.class == DNSReader.internet else { throw .notAnAnswer }
        type = question.type
    }
}
