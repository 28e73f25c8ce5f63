/// The one place where text becomes part of a URL (RFC 3986, section 2).
enum PercentEncoding {
    /// A path whose slashes separate segments; all else that is not unreserved
    /// or a sub-delimiter is encoded.
    static func path(_ text: String) -> String {
        encode(text) { isUnreserved($0) || "/!$&'()*+,;=:@".utf8.contains($0) }
    }

    /// `a=b&c=d`, with only unreserved characters left as they are: `+` and
    /// `&` mean something in a query.
    static func query(_ parameters: [APIRequest.Parameter]) -> String {
        parameters.map { parameter in
            encode(parameter.name, isUnreserved) + "=" + encode(parameter.value, isUnreserved)
        }.joined(separator: "&")
    }

    private static func encode(_ text: String, _ isKept: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isKept(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xf)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
