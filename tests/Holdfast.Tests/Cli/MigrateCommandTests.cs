using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class MigrateCommandTests
{
    private static Task<Ended> Migrate(TestDatabase database) =>
        HoldfastProcess.Run(database.Connection is { } connection ? ["migrate", "--data", database.Folder, "--postgres", connection] : ["migrate", "--data", database.Folder]);

    [Theory, Engines]
    public async Task A_second_time_there_is_nothing_to_do(string engine)
    {
        await using var database = await TestDatabase.Make(engine, migrated: false);
        var first = await Migrate(database);
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Equal("Applied 0001_house", first.Lines[0]);
        var second = await Migrate(database);
        Assert.Equal(0, second.Code);
        Assert.StartsWith("Nothing to do: the schema is version ", Assert.Single(second.Lines));
    }

    [Fact]
    public async Task Two_at_once_on_a_new_PostgreSQL_database_apply_each_migration_once()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, $"No PostgreSQL here: ./test starts one, or set {TestDatabase.Variable}");
        await using var database = await TestDatabase.Make(TestDatabase.Postgres, migrated: false);
        var both = await Task.WhenAll(Migrate(database), Migrate(database), Migrate(database));
        Assert.All(both, ended => Assert.Equal((0, ""), (ended.Code, ended.Error)));
        var applied = both.SelectMany(ended => ended.Lines.Where(line => line.StartsWith("Applied ", StringComparison.Ordinal))).ToList();
        Assert.NotEmpty(applied);
        Assert.Equal(applied.Distinct().Count(), applied.Count);
    }
}
