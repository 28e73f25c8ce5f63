public import ArgumentParser
public import Linting

// Users write the raw values.
extension Check: ExpressibleByArgument {}
extension Finding.Severity: ExpressibleByArgument {}
