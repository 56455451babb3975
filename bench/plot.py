"""Draws docs/performance.svg from build/bench-results.json: CPU ratios as bars, the goal as a line on each."""
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = [("token_read_plain_1", "token read, plain, 1 worker", 1.0), ("token_read_plain_2", "token read, plain, 2 workers", 1.0), ("token_read_tls_1", "token read, TLS 1.3, 1 worker", 0.9),
        ("token_read_tls_2", "token read, TLS 1.3, 2 workers", 0.9)]
LEFT, WIDTH, HEIGHT, TOP = 240, 420, 34, 46


def draw(results):
    rows = [(label, results[key]["cpu_ratio"], goal) for key, label, goal in ROWS if key in results]
    scale = WIDTH / max(1.4, max((value for _, value, _ in rows), default=1) * 1.1)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{TOP + HEIGHT * len(rows) + 30}" font-family="system-ui, sans-serif" font-size="13">',
           '<style>text{fill:#1c2733}.bar{fill:#0a5cad}.miss{fill:#b3541e}.goal{stroke:#1c2733;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.goal{stroke:#e6edf3}}</style>',
           f'<text x="{LEFT}" y="20" font-weight="600">CPU ratio: nginx ÷ Renkei, higher is better (line: goal)</text>']
    for i, (label, value, goal) in enumerate(rows):
        y = TOP + i * HEIGHT
        out.append(f'<text x="{LEFT - 12}" y="{y + 16}" text-anchor="end">{label}</text>')
        out.append(f'<rect class="{"bar" if value >= goal else "miss"}" x="{LEFT}" y="{y}" width="{value * scale:.0f}" height="22" rx="3"/>')
        out.append(f'<line class="goal" x1="{LEFT + goal * scale:.0f}" x2="{LEFT + goal * scale:.0f}" y1="{y - 3}" y2="{y + 25}"/>')
        out.append(f'<text x="{LEFT + max(value, goal) * scale + 8:.0f}" y="{y + 16}">{value:.2f}</text>')
    return "\n".join(out + ["</svg>", ""])


(ROOT / "docs/performance.svg").write_text(draw(json.loads((ROOT / "build/bench-results.json").read_text())), encoding="utf-8")
