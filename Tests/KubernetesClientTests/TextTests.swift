import KubernetesClient
import PolicyModel
import Testing

@Suite("Times and encodings")
struct TextTests {
    @Test("Retry-After in seconds, as a date, and as neither")
    func retryAfter() {
        // 784111777 is the date of RFC 9110's own example.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(RetryAfter.duration("7", now: 0) == .seconds(7))
        #expect(RetryAfter.duration(" 0 ", now: 0) == .seconds(0))
        #expect(RetryAfter.duration("99999999999999999999", now: 0) == .seconds(RetryAfter.longest))
        #expect(RetryAfter.duration(date, now: 784_111_770) == .seconds(7))
        #expect(RetryAfter.duration(date, now: 784_111_999) == .seconds(0))
        for text in ["", "-1", "soon", "1.5", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT"] {
            #expect(RetryAfter.duration(text, now: 0) == nil, "\(text)")
        }
    }

    @Test("RFC 3339 times")
    func rfc3339() {
        #expect(Timestamp.rfc3339("1970-01-01T00:00:00Z") == 0)
        #expect(Timestamp.rfc3339("2000-02-29T12:00:00Z") == 951_825_600)
        #expect(Timestamp.rfc3339("2026-11-21T14:38:16.123456Z") == 1_795_271_896)
        #expect(Timestamp.rfc3339("2026-11-21T15:38:16+01:00") == 1_795_271_896)
        for text in ["", "2026-11-21", "2026-11-21T14:38:16", "2026-13-21T14:38:16Z", "2026-11-21T14:38:16+1:00"] {
            #expect(Timestamp.rfc3339(text) == nil, "\(text)")
        }
    }

    @Test(
        "base64, and what is not",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\nYmFy", "foobar"),
        ])
    func base64(text: String, decoded: String) {
        #expect(Base64.decode(text) == Array(decoded.utf8))
        #expect(Base64.decode(text + "=") == nil && Base64.decode("_" + text) == nil)
    }

    @Test(
        "base64 has its padding at the end, two characters at most",
        arguments: ["=", "====", "Zg=v", "Zg==Zg==", "Zg", "Zm8=="])
    func misplacedPadding(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
