using Holdfast.Configuration;

namespace Holdfast.Hosting;

public static class Runtime
{
    /// <summary>Before 10.0.7 the runtime lets forged data past Data Protection (CVE-2026-40372).</summary>
    public static readonly Version Oldest = new(10, 0, 7);

    /// <exception cref="SettingsException">The runtime is too old to be trusted.</exception>
    public static void RefuseVulnerable()
    {
        if (Environment.Version < Oldest) throw new SettingsException(".NET", $"the runtime is {Environment.Version}, which has a known hole; {Oldest} or later is needed");
    }
}
