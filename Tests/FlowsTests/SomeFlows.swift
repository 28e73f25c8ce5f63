import Flows
import PolicyModel

/// A flow of the shop's web to its database, with changes.
func someFlow(_ change: (inout Flow) -> Void = { _ in }) -> Flow {
    var flow = FlowJSONTests.flow
    flow.service = nil
    flow.destinationNames = []
    change(&flow)
    return flow
}
