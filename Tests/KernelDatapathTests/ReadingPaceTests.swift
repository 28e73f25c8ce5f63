import KernelDatapath
import Testing

@Suite struct ReadingPaceTests {
    @Test("a quiet second makes it slow and one record quick again")
    func aQuietSecondMakesItSlowAndOneRecordQuickAgain() {
        var pace = ReadingPace()
        let quick = pace.pause
        var quiet: Int32 = 0
        while pace.pause == quick && quiet < 10_000 {
            quiet += pace.pause
            pace.found(0)
        }
        #expect(quiet == 1000)
        let slow = pace.pause
        #expect(slow > quick)
        pace.found(0)
        #expect(pace.pause == slow)
        pace.found(1)
        #expect(pace.pause == quick)
    }
}
