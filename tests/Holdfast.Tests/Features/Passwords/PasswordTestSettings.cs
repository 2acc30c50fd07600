using Holdfast.Configuration;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Tests.Features.Passwords;

internal static class PasswordTestSettings
{
    /// <summary>The defaults, as an empty configuration gives them, with the cheapest allowed hash.</summary>
    public static readonly PasswordSettings Default = PasswordSettings.Read(new SettingsReader(new ConfigurationBuilder().Build())) with { Threads = 2 };
}
