import Glibc
import TestHarness
import Testing

/// `make faults`: see docs/faults.md.
@Suite(.serialized) struct FaultsTests {
    private static let seconds = getenv("FAULTS_SECONDS").flatMap { Int(String(cString: $0)) }

    @Test(.enabled(if: Self.seconds != nil, "FAULTS_SECONDS says for how long: make faults"))
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
