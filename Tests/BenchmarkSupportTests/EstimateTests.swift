import BenchmarkSupport
import Testing

struct EstimateTests {
    /// Le Boudec, Performance Evaluation, table A.1: which of so many sorted values, counted from 1.
    @Test(
        "The interval's ends are those of the published tables",
        arguments: [
            (6, 1, 6), (9, 2, 8), (12, 3, 10), (15, 4, 12), (17, 5, 13), (20, 6, 15),
        ])
    func tables(count: Int, first: Int, last: Int) throws {
        let estimate = try #require(Estimate((1...count).reversed().map(Double.init)))
        let interval = try #require(estimate.interval)
        #expect(interval.lowest == Double(first))
        #expect(interval.highest == Double(last))
        #expect(estimate.pairs == count)
    }

    @Test("Of many pairs, the normal distribution gives the same ends to a place", arguments: [1_000, 5_000])
    func many(count: Int) throws {
        let interval = try #require(Estimate((1...count).map(Double.init))?.interval)
        let half = 1.96 * Double(count).squareRoot() / 2
        #expect(abs(interval.lowest - (Double(count) / 2 - half)) < 2)
        #expect(interval.lowest + interval.highest == Double(count + 1))
    }

    @Test("Five pairs have a median and no interval; none have nothing")
    func few() {
        #expect(Estimate([5, 1, 4, 2, 3])?.median == 3)
        #expect(Estimate([5, 1, 4, 2, 3])?.interval == nil)
        #expect(Estimate([]) == nil)
    }

    @Test("The true median lies inside as often as is claimed")
    func coverage() throws {
        var random = SystemRandomNumberGenerator()
        var missed = 0
        for _ in 0..<2_000 {
            // Skewed: the median of a square is the square of the median.
            let values = (0..<40).map { _ in
                let root = Double.random(in: 0..<1, using: &random)
                return root * root
            }
            let interval = try #require(Estimate(values)?.interval)
            if !(interval.lowest...interval.highest).contains(0.25) { missed += 1 }
        }
        // Of 40 values 3.8 % are expected, 77 times in 2,000 with a standard deviation of 9: neither more, nor so
        // few that the interval were idly wide.
        #expect((20...140).contains(missed))
    }
}
