using System.Security.Cryptography;
using Holdfast.Configuration;
using Holdfast.Features.Passwords;
using Holdfast.Secrets;

namespace Holdfast.Features.Demo;

/// <summary>One password for the whole example, made at random at each filling: no default password exists anywhere (ASVS 6.3.2).</summary>
internal static class DemoPassword
{
    /// <summary>128 words: each is 7 bits.</summary>
    private static readonly string[] Words =
        ("acorn amber anchor apron arrow autumn badge bamboo barley basket beacon blanket bottle bramble bridge bronze bucket butter button cactus candle canvas carpet castle cedar cellar cherry chimney " +
        "cinnamon clover cobble comet copper coral cotton cradle cricket crystal curtain daisy dapple desert dolphin donkey drizzle ember falcon feather ferry fiddle flannel forest fossil garden garlic ginger " +
        "glacier goblet granite gravel hammer hazel helmet heron hollow honey indigo island ivory jacket jasmine kettle ladder lantern lavender lemon lilac linen lizard magnet mallow maple marble meadow " +
        "melon mitten molten mustard nectar nettle nutmeg oyster paddle pebble pepper pigeon pillow plaster pocket pollen prairie puzzle quartz quiver rabbit radish raven ribbon river rocket saddle saffron " +
        "salmon sandal shadow silver sparrow spindle teapot thimble thunder timber tulip turnip velvet walnut willow winter").Split(' ');

    /// <returns>Words joined by hyphens and a number, and its score: at least 44 random bits, and good enough for the policy in force.</returns>
    public static (PlainPassword Password, string Text, int Score) Make(PasswordSettings settings, PasswordContext context)
    {
        var rules = new PasswordRules(settings);
        for (var count = 5; ; count++)
        {
            var text = $"{string.Join('-', Enumerable.Range(0, count).Select(_ => Words[RandomNumberGenerator.GetInt32(Words.Length)]))}-{RandomNumberGenerator.GetInt32(100, 1000)}";
            var password = PlainPassword.From(text);
            var judged = rules.Judge(password, context);
            // Longer each time: the policy may ask for up to 64 characters.
            if (judged.Refusals.Count == 0) return (password, text, judged.Score);
            if (count == 16) throw new InvalidOperationException($"No password satisfies the policy: {judged.Refusals[0].Code}");
        }
    }
}
