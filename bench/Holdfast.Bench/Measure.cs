using System.Globalization;

namespace Holdfast.Bench;

/// <summary>Runs the sections that are asked for, one after the other, and prints or keeps their tables.</summary>
internal static class Measure
{
    public static readonly IReadOnlyDictionary<string, Func<Servers, Options, Task<Section>>> Sections = new Dictionary<string, Func<Servers, Options, Task<Section>>>(StringComparer.Ordinal)
    {
        ["session"] = SessionCheck.Run,
        ["sign-in"] = SignIns.Run,
        ["flood"] = Flood.Run,
        ["list"] = Lists.Run,
        ["revoke"] = Revokes.Run,
        // Last: it stops the servers.
        ["start"] = Starts.Run,
    };

    public static async Task<int> Run(Options options)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Child.EndAll();
        var wanted = options.Sections.Count == 0 ? [.. Sections.Keys] : Sections.Keys.Where(options.Sections.Contains).ToList();
        // Asks the tables without a server, in databases of its own, and takes minutes to fill them: only when it is asked for by name.
        if (options.Sections.Contains("users"))
        {
            Show(await Users.Run(options), options);
            if (wanted.Count == 0 && !options.Sections.Contains("reporting")) return 0;
        }
        if (options.Sections.Contains("reporting"))
        {
            Show(await Reporting.Run(options), options);
            if (wanted.Count == 0) return 0;
        }
        await using var servers = new Servers(options);
        await servers.Start(withRevokes: wanted.Contains("revoke"));
        foreach (var name in wanted)
        {
            Console.Error.WriteLine($"Measuring {name}: {options.Rounds} × {options.Seconds} s for each figure …");
            Show(await Sections[name](servers, options), options);
        }
        return 0;
    }

    private static void Show(Section section, Options options)
    {
        Console.WriteLine($"\n## {section.Name}\n\n{section.Markdown()}");
        if (options.Readme is not null) Keep(options.Readme, section);
    }

    /// <summary>Puts the table between the marks of its section.</summary>
    private static void Keep(string readme, Section section)
    {
        var text = File.ReadAllText(readme);
        var (from, to) = ($"<!-- {section.Name} -->\n", $"<!-- /{section.Name} -->");
        var (start, end) = (text.IndexOf(from, StringComparison.Ordinal), text.IndexOf(to, StringComparison.Ordinal));
        if (start < 0 || end < start) throw new InvalidOperationException($"{readme} has no marks for {section.Name}");
        File.WriteAllText(readme, string.Create(CultureInfo.InvariantCulture, $"{text[..(start + from.Length)]}{section.Markdown()}{text[end..]}"));
    }
}
