using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Holdfast.Tests.Support;

/// <summary>Runs a test once on each database engine; the first argument names it. A machine without PostgreSQL shows those rows as skipped.</summary>
/// <param name="values">When given, each engine runs with each of these as the second argument.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EnginesAttribute(params object[] values) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var rows = new List<ITheoryDataRow>();
        foreach (var engine in new[] { TestDatabase.Sqlite, TestDatabase.Postgres })
        {
            var skip = engine == TestDatabase.Postgres && TestDatabase.PostgresServer is null ? $"No PostgreSQL here: ./test starts one, or set {TestDatabase.Variable}" : null;
            if (values.Length == 0) rows.Add(new TheoryDataRow(engine) { Skip = skip });
            foreach (var value in values) rows.Add(new TheoryDataRow(engine, value) { Skip = skip });
        }
        return new(rows);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
