using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class ClientCommandTests
{
    private static string[] Where(TestDatabase database) => database.Connection is { } connection ? ["--data", database.Folder, "--postgres", connection] : ["--data", database.Folder];

    [Theory, Engines]
    public async Task An_application_is_registered_listed_given_a_new_secret_and_removed(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        Task<Ended> Client(params string[] args) => HoldfastProcess.Run(["client", .. args, .. Where(database)]);
        await HoldfastProcess.Run(["migrate", .. Where(database)]);
        var added = await Client("add", "Tide calendar", "--redirect", "https://tide.example/in", "--redirect", "https://tide.example/other", "--others", "--maker", "Tidewater Tools", "--scope", "openid");
        Assert.Equal((0, ""), (added.Code, added.Error));
        Assert.Contains("tide-calendar", added.Out, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  hf_client_[\w-]{43}$", added.Out);
        var device = await Client("add", "Till", "--device", "--redirect", "com.example.till:/in");
        Assert.DoesNotContain("hf_client_", device.Out, StringComparison.Ordinal);
        var listed = await Client("list");
        Assert.Contains("tide-calendar\tTide calendar\tBy others\thttps://tide.example/in https://tide.example/other\tOn", listed.Lines);
        Assert.DoesNotContain("hf_client_", listed.Out, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  hf_client_[\w-]{43}$", (await Client("rotate-secret", "tide-calendar")).Out);
        Assert.Equal(1, (await Client("rotate-secret", "till")).Code);
        Assert.Equal(0, (await Client("remove", "tide-calendar")).Code);
        var gone = await Client("remove", "tide-calendar");
        Assert.Equal((1, "There is no application of this id."), (gone.Code, gone.OneError));
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_said_and_nothing_is_registered(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await HoldfastProcess.Run(["migrate", .. Where(database)]);
        var wrong = await HoldfastProcess.Run(["client", "add", "Tide", "--redirect", "http://tide.example/in", .. Where(database)]);
        Assert.Equal(1, wrong.Code);
        Assert.StartsWith("Line 1 begins with", wrong.OneError, StringComparison.Ordinal);
        Assert.Equal(2, (await HoldfastProcess.Run(["client", "add", "Tide", .. Where(database)])).Code);
    }
}
