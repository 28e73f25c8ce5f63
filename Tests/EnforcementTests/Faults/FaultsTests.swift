import Glibc
import TestHarness
import Testing

/// `make faults`: see docs/faults.md.
@Suite(.serialized) struct FaultsTests {
    private static let seconds = getenv("FAULTS_SECONDS").flatMap { Int(String(cString: $0)) }

    @Test(
        "D: of 10,000 answers after a second none is lost to another pod's flood",
        .enabled(if: Self.seconds != nil, "a part of make faults"))
    func floodBesideAVictim() throws {
        let flood = try Flood()
        defer { flood.close() }
        let figures = try flood.go(rounds: 5)
        print("D: \(figures.text)")
        #expect(
            figures.answers == 10_000 && figures.refused == 0 && figures.told.map { $0 < 5 } == true, "\(figures.text)")
    }

    @Test(
        "whatever happens nothing is opened and nothing is cut",
        .enabled(if: Self.seconds != nil, "FAULTS_SECONDS says for how long: make faults"))
    func whateverHappensNothingIsOpenedAndNothingIsCut() throws {
        let run = try FaultRun(seed: chosenSeed)
        defer { run.close() }
        do {
            try run.go(for: Self.seconds ?? 60)
        } catch {
            run.wrong("\(error)")
        }
        print(run.report)
        #expect(run.wrongs == [], "make faults SEED=\(chosenSeed) makes the same faults again")
    }
}
