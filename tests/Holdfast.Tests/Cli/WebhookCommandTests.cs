using System.Text.RegularExpressions;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class WebhookCommandTests
{
    private static string[] Where(TestDatabase database) => database.Connection is { } connection ? ["--data", database.Folder, "--postgres", connection] : ["--data", database.Folder];

    [Theory, Engines]
    public async Task A_webhook_is_added_listed_given_a_new_key_looked_after_and_removed(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        Task<Ended> Webhook(params string[] args) => HoldfastProcess.Run(["webhook", .. args, .. Where(database)]);
        await HoldfastProcess.Run(["migrate", .. Where(database)]);
        var added = await Webhook("add", "Night watch", "https://watch.example/hooks", "--event", "sign_in.failed", "--event", "password.reset");
        Assert.Equal((0, ""), (added.Code, added.Error));
        Assert.Matches(@"(?m)^  whsec_[A-Za-z0-9+/=]{44}$", added.Out);
        var id = Regex.Match(added.Out, "[0-9a-f-]{36}", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        Assert.Contains($"{id}\tNight watch\thttps://watch.example/hooks\tpassword.reset sign_in.failed\tOn\t0\t0", (await Webhook("list")).Lines);
        Assert.Contains("good\tWebhooks\tone, and nothing waits for long", (await HoldfastProcess.Run(["doctor", .. Where(database)])).Lines, StringComparer.OrdinalIgnoreCase);
        Assert.Matches(@"(?m)^  whsec_[A-Za-z0-9+/=]{44}$", (await Webhook("rotate", id)).Out);
        Assert.Equal(0, (await Webhook("remove", id)).Code);
        var gone = await Webhook("remove", id);
        Assert.Equal((1, "There is no webhook of this id."), (gone.Code, gone.OneError));
        var wrong = await Webhook("add", "x", "http://watch.example/", "--event", "sign_in.sometimes");
        Assert.Equal(1, wrong.Code);
        Assert.Contains("https", wrong.Error, StringComparison.Ordinal);
    }
}
