import BenchmarkSupport
import Testing

struct FiguresTests {
    @Test(
        "A quantile is the nearest value, a median the middle one or the mean of two",
        arguments: [
            ([3.0, 1, 2], 2.0, 3.0), ([4, 1, 2, 3], 2.5, 4), ([7], 7, 7),
        ])
    func quantiles(values: [Double], median: Double, highest: Double) {
        #expect(values.median == median)
        #expect(values.quantile(0.99) == highest)
        #expect(values.quantile(0) == values.min())
    }

    @Test("Of nothing there is no figure")
    func nothing() {
        #expect([Double]().median.isNaN)
        #expect([Double]().quantile(0.5).isNaN)
        #expect(Spread([]) == nil)
    }

    @Test("A spread has the rounds in their order, the middle and both ends")
    func spread() throws {
        let spread = try #require(Spread([5, 1, 4]))
        #expect(spread.rounds == [5, 1, 4])
        #expect(spread.median == 4)
        #expect(spread.lowest == 1)
        #expect(spread.highest == 5)
    }

    @Test(
        "Numbers have commas between thousands and so many places",
        arguments: [
            (1_234_567.891, 2, "1,234,567.89"), (999.96, 1, "1,000.0"), (0.5, 0, "1"), (-1234.5, 1, "-1,234.5"),
            (-0.001, 2, "0.00"), (.nan, 2, "–"), (12.05, 2, "12.05"),
        ])
    func numbers(number: Double, places: Int, text: String) {
        #expect(fixed(number, places) == text)
    }

    @Test(
        "Whole numbers are grouped from the right",
        arguments: [
            (0, "0"), (100, "100"), (1_000, "1,000"), (-100_000, "-100,000"),
        ])
    func grouping(number: Int, text: String) {
        #expect(grouped(number) == text)
    }
}
