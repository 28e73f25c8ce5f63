extension IPAddress: LosslessStringConvertible {
    /// Reads dotted-quad IPv4 without leading zeros, or IPv6 as in RFC 4291,
    /// section 2.2. Zones (`%eth0`) are refused: Kubernetes has none.
    public init?(_ text: String) {
        self.init(text[...])
    }

    init?(_ text: Substring) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let words = IPAddress.ipv6Words(text) else { return nil }
            self.init(
                high: words[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
                low: words[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            guard let ipv4 = IPAddress.ipv4Number(text) else { return nil }
            self.init(ipv4: ipv4)
        }
    }

    /// RFC 5952 for IPv6, dotted quad for IPv4.
    public var description: String {
        if let ipv4 {
            return [24, 16, 8, 0].map { String(ipv4 >> $0 & 0xff) }.joined(separator: ".")
        }
        let words = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
        }
        let zeros = IPAddress.longestZeroRun(words)
        func text(_ words: ArraySlice<UInt16>) -> String {
            words.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard zeros.count > 1 else { return text(words[...]) }
        return text(words[..<zeros.lowerBound]) + "::" + text(words[zeros.upperBound...])
    }

    private static func longestZeroRun(_ words: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start: Int?
        for index in 0...words.count {
            if index < words.count && words[index] == 0 {
                start = start ?? index
            } else if let first = start {
                if index - first > best.count { best = first..<index }
                start = nil
            }
        }
        return best
    }

    private static func ipv4Number(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part == "0" || part.utf8.first != UInt8(ascii: "0"), let byte = UInt8(part)
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    private static func ipv6Words(_ text: Substring) -> [UInt16]? {
        guard text.utf8.count <= 45 else { return nil }
        guard let gap = text.firstDoubleColon else {
            let words = wordList(text)
            return words?.count == 8 ? words : nil
        }
        guard let front = wordList(text[..<gap.lowerBound], mayEndInIPv4: false),
            let back = wordList(text[gap.upperBound...]), front.count + back.count < 8
        else { return nil }
        return front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    }

    private static func wordList(_ text: Substring, mayEndInIPv4: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        var words: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4 && index == parts.count - 1, let ipv4 = ipv4Number(part) {
                words += [UInt16(truncatingIfNeeded: ipv4 >> 16), UInt16(truncatingIfNeeded: ipv4)]
            } else {
                guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
                    let word = UInt16(part, radix: 16)
                else { return nil }
                words.append(word)
            }
        }
        return words
    }
}

extension Substring {
    /// Where the text holds `::`, if it holds it.
    fileprivate var firstDoubleColon: Range<Substring.Index>? {
        var index = startIndex
        while let colon = self[index...].firstIndex(of: ":") {
            let next = self.index(after: colon)
            guard next < endIndex else { return nil }
            if self[next] == ":" { return colon..<self.index(after: next) }
            index = next
        }
        return nil
    }
}
