/// What names may be made of: letters, digits and underscores, no digit first; in metrics colons too.
enum MetricNames {
    static func metric(_ text: String) -> String { made(of: text, colons: true) }
    static func label(_ text: String) -> String { made(of: text, colons: false) }

    private static func made(of text: String, colons: Bool) -> String {
        let name = String(
            text.map { character in
                let isPlain = character.isASCII && (character.isLetter || character.isNumber)
                return isPlain || (colons && character == ":") ? character : "_"
            })
        return name.first.map { $0.isNumber ? "_\(name)" : name } ?? "_"
    }
}
