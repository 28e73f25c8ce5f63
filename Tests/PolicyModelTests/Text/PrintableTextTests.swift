import PolicyModel
import Testing

@Suite struct PrintableTextTests {
    @Test(
        "C8: what moves a cursor, hides or turns text round is written out",
        arguments: [
            ("", ""), ("shop/web", "shop/web"), ("naïve 名前 🙂", "naïve 名前 🙂"), ("a\u{1b}[31mb", "a\\u{1B}[31mb"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"), ("\u{202e}abc\u{2069}", "\\u{202E}abc\\u{2069}"),
            ("a\u{0}\u{7f}\u{9b}", "a\\u{0}\\u{7F}\\u{9B}"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            ("a\u{200b}\u{feff}\u{061c}", "a\\u{200B}\\u{FEFF}\\u{61C}"),
        ])
    func printable(_ text: String, _ shown: String) {
        #expect(text.printable == shown)
        #expect(text.printable.printable == shown, "once is enough")
        #expect("x\n\(text)".printableLines.hasPrefix("x\n"))
    }
}
