namespace VirtMigrate.Simulation.Replay;

/// <summary>
/// What the simulated world shows. A transition that a real migration showed and none of many runs does is a defect of the simulation.
/// </summary>
internal static class SimulatedTransitions
{
    /// <summary>How many runs may be needed to see what the world can show.</summary>
    public const ulong Runs = 20_000;

    /// <summary>
    /// Looks for transitions in the runs of many seeds, until all are seen. Those of a host's events alone have to come without events that are
    /// lost or out of order, which would show any order.
    /// </summary>
    /// <param name="wanted">The transitions.</param>
    /// <param name="runs">How many runs at the most.</param>
    /// <returns>For each that was seen the first seed that showed it.</returns>
    public static IReadOnlyDictionary<Transition, ulong> Find(IEnumerable<Transition> wanted, ulong runs = Runs)
    {
        HashSet<Transition> missing = [.. wanted];
        var found = new Dictionary<Transition, ulong>();
        for (ulong seed = 1; seed <= runs && missing.Count > 0; seed++)
        {
            var scenario = Scenario.Draw(seed);
            var isOrderly = !scenario.Faults.Any(f => f.Kind is FaultKind.EventsLost or FaultKind.EventsDoubled or FaultKind.EventsLate or FaultKind.EventsReordered);
            var trail = new ObservationTrail();
            SimulationRun.Run(Engines.Recorded((_, happened, _) =>
            {
                foreach (var transition in trail.Take(happened).Where(t => isOrderly || !t.IsOfEvents))
                {
                    if (missing.Remove(transition))
                    {
                        found.Add(transition, seed);
                    }
                }
            }), scenario);
        }

        return found;
    }
}
