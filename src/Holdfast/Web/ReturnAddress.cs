namespace Holdfast.Web;

/// <summary>Where to go after signing in or proving: a path of this server and nothing else (ASVS 3.7.2).</summary>
public static class ReturnAddress
{
    public const string Home = "/account/security";

    /// <summary>Characters. An application's request to sign somebody in is part of the path, and has room in it; request lines end at 8 KiB.</summary>
    public const int Longest = 4000;

    /// <summary>The path when it is one of ours in a plain spelling, else <see cref="Home"/>. Backslashes, control characters and a second slash are how browsers are led astray.</summary>
    public static string Local(string? path)
    {
        if (string.IsNullOrEmpty(path) || path.Length > Longest || path[0] != '/' || (path.Length > 1 && path[1] is '/' or '\\')) return Home;
        foreach (var c in path)
        {
            if (c is '\\' or '#' || char.IsControl(c) || c > '~') return Home;
        }
        return path.StartsWith("/sign-in", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/api/", StringComparison.OrdinalIgnoreCase) ? Home : path;
    }
}
