using Holdfast.Configuration;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Tests.Support;

public static class TestSettings
{
    /// <summary>Where mailed links point: on purpose not where the test's server listens.</summary>
    public const string PublicUrl = "http://localhost:8080";

    /// <summary>The defaults with <paramref name="overrides"/>, and a free port to listen on.</summary>
    public static HoldfastSettings Read(IReadOnlyDictionary<string, string?>? overrides = null)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Port"] = "0", ["Listen"] = "127.0.0.1", ["PublicUrl"] = PublicUrl, ["Log:Level"] = "Trace", ["Passwords:HashThreads"] = "2", ["Product:Name"] = "Quayside",
            // Each test's browsers are new: their letters would stand between those that it is about.
            ["SignIn:NewDeviceLetters"] = "false",
        };
        foreach (var (key, value) in overrides ?? new Dictionary<string, string?>()) values[key] = value;
        return HoldfastSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
