using System.Globalization;

namespace Holdfast.Bench;

/// <summary>What the kernel says about CPU time and memory (proc(5)). Ticks are hundredths of a second.</summary>
internal static class Machine
{
    private const double TicksPerSecond = 100;

    /// <summary>CPU seconds that a process has used, in user space and in the kernel.</summary>
    public static double CpuSeconds(int process) => Fields(process) is { } f ? (Ticks(f, 11) + Ticks(f, 12)) / TicksPerSecond : throw new InvalidOperationException($"Process {process} is gone");

    /// <summary>Memory that is really there, in MiB.</summary>
    public static double ResidentMiB(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>CPU seconds that the whole machine was busy, and those of them that are ours: this session's processes and those of <paramref name="otherSession"/>, ended ones included.</summary>
    public static (double Busy, double Ours) Use(int otherSession)
    {
        var cpu = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        var own = Fields(Environment.ProcessId)![3];
        double ours = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) || Fields(id) is not { } f) continue;
            if (f[3] == own || int.Parse(f[3], CultureInfo.InvariantCulture) == otherSession) ours += Ticks(f, 11) + Ticks(f, 12) + Ticks(f, 13) + Ticks(f, 14);
        }
        // user, nice, system, irq, softirq, steal; not idle and iowait.
        return ((cpu[0] + cpu[1] + cpu[2] + cpu[5] + cpu[6] + cpu[7]) / TicksPerSecond, ours / TicksPerSecond);
    }

    private static double Ticks(string[] fields, int index) => double.Parse(fields[index], CultureInfo.InvariantCulture);

    /// <summary>The fields of /proc/…/stat from the state on: the name before it may hold anything. Null when the process is gone.</summary>
    private static string[]? Fields(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
