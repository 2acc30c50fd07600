using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Holdfast.Tests.Support;

/// <summary>How hard the property tests try: <c>HOLDFAST_FUZZ=1000000</c> before the test program asks for a long run.</summary>
public static class Fuzz
{
    /// <summary>1 to 100,000,000; null for the few tries of an ordinary run.</summary>
    public static int? Tries { get; private set; }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Out of the environment before a server reads it as a setting.")]
    internal static void Read()
    {
        const string Variable = "HOLDFAST_FUZZ";
        if (int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var tries)) Tries = Math.Clamp(tries, 1, 100_000_000);
        Environment.SetEnvironmentVariable(Variable, null);
    }
}
